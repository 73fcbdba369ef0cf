import type { RedactionTally } from '../../bundle/redaction/profile.ts';
import type { GatherProgress } from '../../protocol/control.ts';
import { Unanswered } from '../filesystems/unanswered.ts';
import { ItemTimeout } from './item-limit.ts';

/** What became of one item of a profile on this node. */
export interface ItemOutcome {
  state: Exclude<GatherProgress['state'], 'waiting' | 'running'>;
  bytes: number;
  firstUnixMs?: number;
  lastUnixMs?: number;
  reason?: string;
  /** Of the window, that a size limit left out; absent for none. */
  leftOutBytes?: number;
  /** How much of its size is left in a volume, judged by its beginning. */
  packedShare?: number;
  masked: RedactionTally;
}

/** One entry of the volume and where it came from; the volume's index lists them. */
export interface GatheredEntry {
  entry: string[];
  source: string;
  from: string;
  bytes: number;
  modified: string | null;
  /** What was left out of it and why; null for nothing. */
  cut: string | null;
}

/** State for what the operating system said. */
export function failureState(error: unknown): { state: ItemOutcome['state']; reason: string } {
  if (error instanceof ItemTimeout || error instanceof Unanswered) return { state: 'timeout', reason: error.message };
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return { state: 'absent', reason: message };
  if (code === 'EACCES' || code === 'EPERM') return { state: 'denied', reason: message };
  if ((error as Error).name === 'TimeoutError') return { state: 'timeout', reason: 'took longer than its time limit' };
  return { state: 'failed', reason: message };
}
