import type { Signal } from '../../protocol/headers.ts';
import type { Outline } from '../store/outline.ts';
import type { JournalTrouble } from './troubles.ts';

/** Place of a batch in the sequence that its sender numbers. */
export interface BatchNumbering {
  stream: string;
  epoch: string;
  sequence: bigint;
  /** So many numbers right before this one carried no record; 0 when absent. */
  emptyBefore?: bigint;
}

/** One OTLP export request as it came off the wire, after decompression and the structural check. */
export interface IncomingBatch {
  signal: Signal;
  /** Node that the client certificate proved. */
  node: string;
  /** Absent for senders that do not number their batches. */
  numbering?: BatchNumbering;
  /** OTLP bytes; not changed and not kept after `append` resolves. */
  bytes: Buffer;
  records: number;
  /** What the walk saw; absent when nobody looked. */
  outline?: Outline;
  /** Taken at the byte cap too: the collector's few events, of which some tell of the cap. */
  pastCap?: boolean;
}

/**
 * Durable order of arrival. Exactly once per (node, epoch, stream, sequence); at least once for the rest.
 */
export interface Journal {
  start(): Promise<void>;
  /**
   * Returns after fsync (group commit): `stored`, or `duplicate` when this sequence was already durable.
   * Throws SX_BACKLOG_FULL above the backlog bound, SX_DISK_FULL when the disk is full or below its floor, and
   * SX_CAP_REACHED when storage is at its byte cap and nothing in it may go.
   */
  append(batch: IncomingBatch): Promise<'stored' | 'duplicate'>;
  /**
   * Nothing moves from the journal to storage from here until the returned function is called; batches are taken and
   * acknowledged as ever. Throws SX_UNAVAILABLE when storage does not come to rest.
   */
  holdHandover(): Promise<() => void>;
  /** Closes the open files, hands everything to storage if it can within the deadline, and stops. */
  close(): Promise<void>;
  stats(): JournalStats;
  /** What keeps telemetry from being taken or stored at this moment; empty when nothing does. */
  troubles(): JournalTrouble[];
}

/** Counted since the start of this process, but for the backlog, which is what waits now. */
export interface JournalStats {
  backlogBytes: number;
  backlogFiles: number;
  storedBatches: number;
  duplicateBatches: number;
  storedRecords: number;
  storedBytes: number;
  quarantinedBatches: number;
  /** The same by node; '' where nobody can tell whose it was. */
  quarantinedByNode: ReadonlyMap<string, number>;
  /** Sequence numbers that were skipped although a batch with records had them: dropped by the sender, for instance. */
  missingBatches: number;
}
