import { Type } from 'typebox';
import {
  type BundleEstimate,
  type BundleJob,
  type BundleScheduleRow,
  type BundleSizeBasis,
  type BundleState,
  bundleClasses,
  bundleOrigins,
  type RevealedPseudonym,
} from '../../shapes/bundles.ts';
import { names, orNull, same, Text, Time } from './schema.ts';

const bundleStates = names<BundleState>([
  ...(['waiting', 'gathering', 'writing', 'complete', 'partial', 'failed', 'cancelled'] as const),
]);

const bases = names<BundleSizeBasis>(['measured', 'sampled', 'last-run', 'declared', 'guess']);

const bundleJob = same<BundleJob>()(
  Type.Object({
    id: Text,
    name: Text,
    state: bundleStates,
    from: Time,
    until: Time,
    createdAt: Time,
    finishedAt: orNull(Time),
    bytes: Type.Number(),
    path: orNull(Text),
    removedAt: orNull(Time),
    error: orNull(Text),
    origin: names(bundleOrigins),
    requestedBy: Text,
    nodes: Type.Array(Text),
    classes: Type.Array(names(bundleClasses), { description: 'Of content, that were asked for; empty: all.' }),
    redaction: names(['none', 'standard', 'strict']),
    progress: Type.Object({
      bytes: Type.Number({ description: 'Content of all sources so far, before compression.' }),
      expectedBytes: orNull(
        Type.Number({ description: 'What that will be in the end, as far as sizes are known; null in the end.' }),
      ),
      unknownSources: Type.Number({ description: 'Sources to come whose size nobody knows; not in expectedBytes.' }),
      elapsedMs: Type.Number({ description: 'Since it was asked for, until now or its end.' }),
      remainingMs: orNull(Type.Number({ description: 'About how long it goes on; null when that cannot be told.' })),
    }),
    items: Type.Array(
      Type.Object({
        node: Text,
        source: Text,
        state: Text,
        bytes: Type.Number(),
        first: orNull(Time),
        last: orNull(Time),
        reason: orNull(Text),
        records: orNull(
          Type.Object(
            { count: Type.Number(), of: names(['files', 'entries', 'keys', 'records', 'samples']) },
            { description: 'What has come by now; null where nothing is counted.' },
          ),
        ),
        elapsedMs: orNull(Type.Number({ description: 'Since it began, until now or its end; null before.' })),
        expected: orNull(
          Type.Object(
            { bytes: Type.Number(), basis: bases },
            { description: 'How much content it was expected to bring; null where nobody knew.' },
          ),
        ),
      }),
    ),
  }),
);

const bundleEstimate = same<BundleEstimate>()(
  Type.Object({
    from: Time,
    until: Time,
    nodes: Type.Array(
      Type.Object({
        node: Text,
        state: names(['estimated', 'unreachable', 'timeout', 'failed']),
        reason: orNull(Text),
      }),
    ),
    sources: Type.Array(
      Type.Object({
        node: Text,
        source: Text,
        kind: names([...bundleClasses, 'documents']),
        state: names(['ok', 'partial', 'timeout', 'denied', 'absent', 'failed']),
        bytes: Type.Number({ description: 'Of content, redacted.' }),
        packedBytes: Type.Number({ description: 'The same as it lies in a volume.' }),
        basis: bases,
        reason: orNull(Text),
      }),
    ),
    bytes: Type.Number(),
    packedBytes: Type.Number(),
  }),
);

const bundleSchedule = same<BundleScheduleRow>()(
  Type.Object({
    name: Text,
    cron: Type.String({ description: 'Minute, hour, day of the month, month, day of the week; UTC.' }),
    windowMs: Type.Number(),
    nodes: Type.Array(Text, { description: 'Empty: all.' }),
    roles: Type.Array(Text, { description: 'Empty: all.' }),
    classes: Type.Array(names(bundleClasses), { description: 'Of content; empty: all.' }),
    redaction: names(['none', 'standard', 'strict']),
    parquet: Type.Boolean({ description: 'Whether what is stored is in it as Parquet too.' }),
    createdBy: Text,
    createdAt: Time,
    nextRunAt: orNull(Time),
    lastRunAt: orNull(Time),
    lastBundle: orNull(Text),
    lastState: orNull(bundleStates),
    lastError: orNull(Text),
  }),
);

export const bundleAnswers = {
  BundleEstimate: bundleEstimate,
  BundleJob: bundleJob,
  RevealedPseudonym: same<RevealedPseudonym>()(Type.Object({ pseudonym: Text, kind: Text, original: Text })),
  BundleList: Type.Array(bundleJob),
  BundleSchedule: bundleSchedule,
  BundleScheduleList: Type.Array(bundleSchedule),
};
