import type { SourceHealth } from '../../../protocol/control.ts';

/**
 * Nodes and who else reports, as `/api/v1` answers; command line and dashboard import these types.
 * Times are RFC 3339 with nanoseconds where the source has them; durations and offsets are milliseconds.
 */

export type NodeState = 'online' | 'silent' | 'never-seen';

/** A node with an agent, or a peer that sends syslog: `syslog:PEER`, of which nothing is known but when it last spoke. */
export interface NodeRow {
  node: string;
  kind: 'node' | 'syslog';
  os: string;
  version: string;
  state: NodeState;
  lastSeen: string | null;
  clockOffsetMs: number | null;
  hostName: string;
  enrolledAt: string | null;
  certificateDaysLeft: number | null;
  spool: { bytes: number; batches: number; droppedRecords: number } | null;
  sources: SourceHealth[];
}
