import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { capClasses } from './caps.ts';
import { redactionProfiles } from './redaction/profile.ts';

/** What became of one source of one node. */
const coverageStates = [
  'ok',
  'partial',
  'timeout',
  'denied',
  'rotated-away',
  'unreachable',
  'absent',
  'failed',
] as const;
const CoverageState = Type.Enum([...coverageStates], {
  description: 'ok: all of it; absent: this machine does not have it; everything else is a gap with a reason',
});
export type CoverageState = (typeof coverageStates)[number];

const Time = Type.String({ description: 'RFC 3339, UTC', maxLength: 40 });
const OptionalTime = Type.Union([Time, Type.Null()]);
const OptionalText = Type.Union([Type.String({ maxLength: 4096 }), Type.Null()]);
const MaskCounts = Type.Record(Type.String({ maxLength: 64 }), Type.Integer({ minimum: 0 }), {
  description: 'masking rule → how many values it masked',
});

const CoverageGap = Type.Object(
  {
    kind: Type.Enum(['silence', 'lost', 'sequence', 'before-enrolment'], {
      description:
        'silence: no record for much longer than usual; lost: the agent itself said so; sequence: numbered batches that never came; before-enrolment: the collector did not know the node yet',
    }),
    from: Time,
    until: Time,
    what: Type.String({ maxLength: 1024, description: 'which part of the source, and what is known of it' }),
  },
  { additionalProperties: false },
);
export type CoverageGap = Static<typeof CoverageGap>;
/** More of one source say no more. */
export const maxGapsPerSource = 50;

const CoverageSource = Type.Object(
  {
    node: Type.String({ maxLength: 255 }),
    source: Type.String({ maxLength: 256 }),
    state: CoverageState,
    bytes: Type.Integer({ minimum: 0, description: 'before compression, as written into the volume' }),
    first: OptionalTime,
    last: OptionalTime,
    reason: OptionalText,
    leftOut: Type.Optional(
      Type.Object(
        { bytes: Type.Integer({ minimum: 0 }), records: Type.Optional(Type.Integer({ minimum: 0 })) },
        {
          additionalProperties: false,
          description: 'what a limit of size kept out of the window; bytes may be estimated',
        },
      ),
    ),
    gaps: Type.Optional(
      Type.Array(CoverageGap, { maxItems: maxGapsPerSource, description: 'found in the data; absent: none was found' }),
    ),
    masked: MaskCounts,
  },
  { additionalProperties: false },
);
export type CoverageSource = Static<typeof CoverageSource>;

const CoverageNode = Type.Object(
  {
    node: Type.String({ maxLength: 255 }),
    state: Type.Union([
      Type.Literal('gathered'),
      Type.Literal('partial'),
      Type.Literal('timeout'),
      Type.Literal('unreachable'),
      Type.Literal('failed'),
    ]),
    reason: OptionalText,
    os: Type.String({ maxLength: 255 }),
    version: Type.String({ maxLength: 64 }),
    lastSeen: OptionalTime,
    clockOffsetMs: Type.Union([Type.Number(), Type.Null()], {
      description: 'clock of the node against the collector; positive when the node is ahead',
    }),
    inventoryCollectedAt: OptionalTime,
    volumes: Type.Array(
      Type.Object(
        { name: Type.String({ maxLength: 128 }), bytes: Type.Integer({ minimum: 0 }) },
        { additionalProperties: false },
      ),
      { maxItems: 4096 },
    ),
  },
  { additionalProperties: false },
);
export type CoverageNode = Static<typeof CoverageNode>;

/** What a bundle has and what it lacks, and why: the first thing its reader must see. */
export const Coverage = Type.Object(
  {
    format: Type.Literal('sextant-coverage/1'),
    bundle: Type.Object(
      {
        id: Type.String({ maxLength: 64 }),
        name: Type.String({ maxLength: 128 }),
        site: Type.String({ maxLength: 255 }),
        state: Type.Union([Type.Literal('complete'), Type.Literal('partial')]),
        from: Time,
        until: Time,
        createdAt: Time,
        finishedAt: Time,
        roles: Type.Array(Type.String({ maxLength: 64 }), { description: 'empty: all roles' }),
        classes: Type.Optional(
          Type.Array(Type.Enum([...capClasses]), {
            minItems: 1,
            maxItems: capClasses.length,
            description: 'classes of content that were asked for alone; absent: all',
          }),
        ),
        redaction: Type.Enum([...redactionProfiles], {
          description: 'none: as it was; standard: secrets masked, identities under pseudonyms; strict: more of both',
        }),
        recipients: Type.Integer({
          minimum: 0,
          maximum: 1000,
          description: 'how many age recipients can open the volumes; 0: they are not encrypted',
        }),
      },
      { additionalProperties: false },
    ),
    nodes: Type.Array(CoverageNode, { maxItems: 10_000 }),
    sources: Type.Array(CoverageSource, { maxItems: 1_000_000 }),
    masked: MaskCounts,
    unanswered: Type.Optional(
      Type.Array(Type.String({ maxLength: 4096 }), {
        maxItems: 101,
        description: 'questions that this bundle cannot answer, and why',
      }),
    ),
    notes: Type.Optional(
      Type.Array(Type.String({ maxLength: 4096 }), {
        maxItems: 100,
        description: 'how this bundle came about where it was not made as usual, and what it cannot answer therefore',
      }),
    ),
  },
  { additionalProperties: false, title: 'Coverage of a Sextant bundle' },
);
export type Coverage = Static<typeof Coverage>;

/** Name under which the collector's own sources stand; no node can have it. */
export const collectorNode = '@collector';

/** True for a source that leaves a gap; what a machine does not have is no gap. */
export const isGap = (state: CoverageState): boolean => state !== 'ok' && state !== 'absent';

/** `complete` only when no node and no source leaves a gap. */
export const coverageState = (coverage: Pick<Coverage, 'nodes' | 'sources'>): 'complete' | 'partial' =>
  coverage.nodes.some((node) => node.state !== 'gathered') || coverage.sources.some((source) => isGap(source.state))
    ? 'partial'
    : 'complete';

export function sumMasked(all: Iterable<Record<string, number>>): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const counts of all) for (const [rule, count] of Object.entries(counts)) sum[rule] = (sum[rule] ?? 0) + count;
  return sum;
}

const compiled = Compile(Coverage);
/** Reads a coverage.json from outside; undefined when it is not one. */
export function parseCoverage(text: string): Coverage | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return compiled.Check(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
