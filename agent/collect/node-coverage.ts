import { type AskedClasses, classesNote } from '../../bundle/asked-classes.ts';
import { type Coverage, type CoverageSource, coverageState, sumMasked } from '../../bundle/coverage.ts';
import type { RedactionProfile } from '../../bundle/redaction/profile.ts';
import { unanswered } from '../../bundle/unanswered.ts';
import type { Settings } from '../../config/settings.ts';
import { version } from '../../config/version.ts';

const iso = (unixMs: number): string => new Date(unixMs).toISOString();

/** Coverage of a bundle that a node has written of itself, under its own name. */
export function nodeCoverage(
  asked: {
    settings: Settings;
    fromUnixMs: number;
    untilUnixMs: number;
    roles: string[];
    /** Of content; empty: all. */
    classes: AskedClasses;
    redaction: RedactionProfile;
  },
  made: {
    id: string;
    name: string;
    node: string;
    createdMs: number;
    collectedAt: string;
    sources: CoverageSource[];
    volumes: { name: string; bytes: number }[];
    recipients: number;
    nowMs: number;
  },
): Coverage {
  const { sources } = made;
  const nodes: Coverage['nodes'] = [
    {
      node: made.node,
      state: 'gathered',
      reason: null,
      os: `${process.platform} ${process.arch}`,
      version,
      lastSeen: iso(made.nowMs),
      clockOffsetMs: null,
      inventoryCollectedAt: made.collectedAt,
      volumes: made.volumes.map(({ name, bytes }) => ({ name, bytes })),
    },
  ];
  const coverage: Coverage = {
    format: 'sextant-coverage/1',
    bundle: {
      id: made.id,
      name: made.name,
      site: asked.settings['site.name'],
      state: coverageState({ nodes, sources }),
      from: iso(asked.fromUnixMs),
      until: iso(asked.untilUnixMs),
      createdAt: iso(made.createdMs),
      finishedAt: iso(made.nowMs),
      roles: asked.roles,
      ...(asked.classes.length > 0 && { classes: [...asked.classes] }),
      redaction: asked.redaction,
      recipients: made.recipients,
    },
    nodes,
    sources,
    masked: sumMasked(sources.map((source) => source.masked)),
    notes: notesOf(asked),
  };
  return { ...coverage, unanswered: unanswered(coverage) };
}

const notesOf = ({ redaction, classes }: { redaction: RedactionProfile; classes: AskedClasses }): string[] => [
  'Written by the node itself, without a collector. It cannot answer what only a collector knows: alerts, the audit trail, the offset of this clock, and what other nodes saw.',
  ...(redaction === 'none'
    ? []
    : [
        'Marks and pseudonyms are made with this node’s own key. The same machine or person has other pseudonyms in bundles of the collector and of other nodes, so names cannot be compared between them; only this node could tell whether a guess is right.',
      ]),
  ...[classesNote(classes) ?? []].flat(),
];
