import type { Signal } from '../../protocol/headers.ts';
import type { Outline } from '../store/outline.ts';
import type { StreamPosition } from './sequences.ts';

/** A closed journal file on its way to storage. */
export interface ClosedJournalFile {
  signal: Signal;
  number: bigint;
  name: string;
  path: string;
  bytes: number;
  outline: Outline;
  /** Log records, data points or spans in it; undefined when some of it cannot be walked. */
  records: number | undefined;
  /** Highest sequence of each stream in the file. */
  positions: StreamPosition[];
  /** Storage may have seen it: it was found at start, or an insert of it failed. */
  again: boolean;
}
