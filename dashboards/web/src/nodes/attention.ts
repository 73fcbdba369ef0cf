import type { NodeRow } from '../../../../collector/api/shapes/nodes.ts';
import { formatBytes, formatCount } from '../value/unit.ts';

/** Beyond this, records of different nodes cannot be put in order by their times. */
export const clockOffsetLimitMs = 500;
export const certificateDaysLimit = 14;
const backlogLimitBytes = 16 * 1024 * 1024;

/** What a person should look at on this node; empty when nothing. The state itself comes first. */
export function attentionOf(node: NodeRow): string[] {
  const reasons: string[] = [];
  if (node.state === 'silent') reasons.push('has gone silent');
  if (node.state === 'never-seen')
    reasons.push(node.kind === 'node' ? 'enrolled, never seen' : 'configured, has sent nothing yet');
  if (node.clockOffsetMs !== null && Math.abs(node.clockOffsetMs) > clockOffsetLimitMs) reasons.push('clock is off');
  if (node.certificateDaysLeft !== null && node.certificateDaysLeft <= certificateDaysLimit)
    reasons.push('certificate runs out');
  if (node.spool && node.spool.droppedRecords > 0)
    reasons.push(`${formatCount(node.spool.droppedRecords)} records dropped`);
  if (node.spool && node.spool.bytes > backlogLimitBytes) reasons.push(`${formatBytes(node.spool.bytes)} waiting`);
  const failing = node.sources.filter((source) => source.state === 'failing').length;
  if (failing > 0) reasons.push(failing === 1 ? '1 source failing' : `${failing} sources failing`);
  return reasons;
}
