import type { PriorityClass } from '../profile/priority.ts';
import type { SourceCounts } from './frame.ts';
import type { SpoolStream } from './stream.ts';

/** What a numbered sequence has waiting and what it has lost since the spool was made. */
export interface StreamStats {
  /** Name of the sequence, see lanes.ts. */
  stream: string;
  priority: PriorityClass;
  bytes: number;
  waitingBatches: number;
  waitingRecords: number;
  waitingBytes: number;
  /** When the oldest that waits came. */
  oldestWaitingUnixMs: number | undefined;
  acknowledgedSequence: number;
  droppedBatches: number;
  droppedRecords: number;
  droppedBySource: Readonly<SourceCounts>;
  damagedBatches: number;
  rejectedBatches: number;
  rejectedRecords: number;
}

export const statsOf = (
  { name, bytes, segments, state, oldestWaitingUnixMs }: SpoolStream,
  priority: PriorityClass,
): StreamStats => ({
  stream: name,
  priority,
  bytes,
  waitingBatches: segments.reduce((sum, segment) => sum + segment.waitingBatches, 0),
  waitingRecords: segments.reduce((sum, segment) => sum + segment.waitingRecords, 0),
  waitingBytes: segments.reduce((sum, segment) => sum + segment.waitingBytes, 0),
  oldestWaitingUnixMs,
  acknowledgedSequence: state.acknowledged,
  droppedBatches: state.droppedBatches,
  droppedRecords: state.droppedRecords,
  droppedBySource: state.droppedBySource,
  damagedBatches: state.damagedBatches,
  rejectedBatches: state.rejectedBatches,
  rejectedRecords: state.rejectedRecords,
});
