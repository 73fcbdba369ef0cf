import { profileSource } from '../../protocol/profile-source.ts';
import type { NodeRow } from '../api/shapes/nodes.ts';
import type { JournalTrouble, Trouble } from '../journal/troubles.ts';
import { collectorNode } from '../self/own-telemetry.ts';
import type { AlertHistory } from './alert-history.ts';
import type { AlertRule, BuiltIn } from './alert-rule.ts';

/** One value that a rule looks at. */
export interface AlertValue {
  node: string;
  subject: string;
  value: number;
}

interface BuiltInContext {
  nodes: NodeRow[];
  /** Who sends syslog. */
  peers: NodeRow[];
  troubles: JournalTrouble[];
  rule: AlertRule;
  history: AlertHistory;
  nowMs: number;
  /** When this collector began to listen; silence from before is the collector's own. */
  startedMs: number;
}

const pauses = {
  disk: 'the disk is full',
  cap: 'storage is at its byte cap',
  backlog: 'the journal is full',
};

/** At least 1 from the beginning: a clock that was set back makes no trouble vanish. */
function lastingSeconds(troubles: JournalTrouble[], what: Trouble, nowMs: number): number {
  const trouble = troubles.find((one) => one.what === what);
  return trouble ? Math.max(1, Math.round((nowMs - trouble.sinceUnixMs) / 1000)) : 0;
}

/** Right after a start there is no value until those who report have had time to. */
function silentSeconds(rows: NodeRow[], { rule, nowMs, startedMs }: BuiltInContext): AlertValue[] {
  return rows.flatMap((row) => {
    const spoke = row.lastSeen ?? row.enrolledAt;
    const spokeMs = spoke === null ? startedMs : Date.parse(spoke);
    if (spokeMs < startedMs && nowMs - startedMs <= rule.limit * 1000) return [];
    return [{ node: row.node, subject: '', value: Math.max(0, Math.round((nowMs - spokeMs) / 1000)) }];
  });
}

/** What the collector knows of its nodes and of itself without asking storage. */
export const builtInValues: Record<BuiltIn, (context: BuiltInContext) => AlertValue[]> = {
  /** Seconds since a node last spoke. */
  'silent-seconds': (context) => silentSeconds(context.nodes, context),

  /** Seconds since a syslog peer last sent something; since the start, of one that the configuration names. */
  'silent-peer-seconds': (context) => silentSeconds(context.peers, context),

  /** Records that a node's agent has dropped in all, if some were dropped within the window; 0 otherwise. */
  'dropped-records': ({ nodes, rule, history, nowMs }) =>
    nodes.flatMap((row) => {
      if (!row.spool) return [];
      const dropped = row.spool.droppedRecords;
      const grewMs = history.counterGrewAt('dropped-records', row.node, dropped, nowMs);
      const windowMs = Number(rule.parameters.windowSeconds ?? 3600) * 1000;
      const recent = grewMs !== undefined && nowMs - grewMs <= windowMs;
      return [{ node: row.node, subject: '', value: recent ? dropped : 0 }];
    }),

  /** 1 for each source of an agent that fails, 0 for each that works. */
  'failing-sources': ({ nodes }) =>
    nodes.flatMap((row) =>
      row.sources
        .filter(({ name }) => name !== profileSource)
        .map(({ name, state }) => ({ node: row.node, subject: name, value: state === 'failing' ? 1 : 0 })),
    ),

  /** 1 for each node whose own profile has a fault, 0 for each that has told its sources and no such fault. */
  'faulty-profiles': ({ nodes }) =>
    nodes
      .filter(({ sources }) => sources.length > 0)
      .map(({ node, sources }) => ({
        node,
        subject: '',
        value: sources.some(({ name }) => name === profileSource) ? 1 : 0,
      })),

  /** Seconds since when the collector takes nothing, for each reason; 0 while that is none. */
  'ingest-paused-seconds': ({ troubles, nowMs }) =>
    (['disk', 'cap', 'backlog'] as const).map((what) => ({
      node: collectorNode,
      subject: pauses[what],
      value: lastingSeconds(troubles, what, nowMs),
    })),

  /** Seconds since when storage takes nothing of what it is given. */
  'storage-failing-seconds': ({ troubles, nowMs }) => [
    { node: collectorNode, subject: '', value: lastingSeconds(troubles, 'storage', nowMs) },
  ],
};
