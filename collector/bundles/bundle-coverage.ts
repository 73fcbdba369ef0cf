import {
  type Coverage,
  type CoverageNode,
  type CoverageSource,
  coverageState,
  sumMasked,
} from '../../bundle/coverage.ts';
import { formatDuration } from '../../bundle/report-format.ts';
import { unanswered } from '../../bundle/unanswered.ts';
import type { NodeRow } from '../api/shapes/nodes.ts';
import type { NodeInventory } from '../nodes/registry.ts';
import type { BundleRecord } from './bundle-record.ts';
import type { NodeOutcome } from './node-gather.ts';

export interface CoverageInput {
  record: BundleRecord;
  site: string;
  /** How many can open the volumes; 0 when they are not encrypted. */
  recipients: number;
  nowMs: number;
  nodes: {
    node: string;
    row: NodeRow | undefined;
    inventory: NodeInventory | undefined;
    outcome: NodeOutcome;
    volumes: { name: string; bytes: number }[];
  }[];
  sources: CoverageSource[];
  notes: string[];
}

const iso = (unixMs: number): string => new Date(unixMs).toISOString();

/** What a lost node still contributes, and how old that is. */
function lostReason({ outcome, row, inventory }: CoverageInput['nodes'][number], nowMs: number): string {
  const seen = row?.lastSeen
    ? `last seen ${formatDuration(Math.max(0, nowMs - Date.parse(row.lastSeen)))} before this bundle was made`
    : 'never seen';
  const known = inventory
    ? `its last inventory is ${formatDuration(Math.max(0, nowMs - Date.parse(inventory.collectedAt)))} old`
    : 'no inventory of it is known';
  return `${outcome.reason ?? outcome.state}; ${seen}; ${known}; what it had streamed is included`;
}

export function buildCoverage(input: CoverageInput): Coverage {
  const { record, nowMs } = input;
  const nodes = input.nodes.map((entry): CoverageNode => {
    const { node, row, inventory, outcome, volumes } = entry;
    return {
      node,
      state: outcome.state,
      reason: outcome.state === 'gathered' ? null : lostReason(entry, nowMs),
      os: row?.os ?? '',
      version: row?.version ?? '',
      lastSeen: row?.lastSeen ?? null,
      clockOffsetMs: row?.clockOffsetMs ?? null,
      inventoryCollectedAt: inventory?.collectedAt ?? null,
      volumes,
    };
  });
  const coverage: Coverage = {
    format: 'sextant-coverage/1',
    bundle: {
      id: record.id,
      name: record.name,
      site: input.site,
      state: coverageState({ nodes, sources: input.sources }),
      from: iso(record.fromUnixMs),
      until: iso(record.untilUnixMs),
      createdAt: iso(record.createdUnixMs),
      finishedAt: iso(nowMs),
      roles: record.roles,
      ...(record.classes.length > 0 && { classes: record.classes }),
      redaction: record.redaction,
      recipients: input.recipients,
    },
    nodes,
    sources: input.sources,
    masked: sumMasked(input.sources.map((source) => source.masked)),
    ...(input.notes.length > 0 && { notes: input.notes }),
  };
  return { ...coverage, unanswered: unanswered(coverage) };
}
