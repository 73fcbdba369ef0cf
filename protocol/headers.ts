/**
 * HTTP headers that an agent adds to an OTLP export request.
 *
 * A stream is one ordered sequence of batches of one node. The epoch changes when an agent loses its spool folder
 * (a fresh random id), so that a sequence that starts again at 1 is not mistaken for a replay.
 */
export const streamHeaders = {
  /** Name of the stream, `[a-z0-9-]{1,32}`, for example `logs` or `metrics`. */
  stream: 'sextant-stream',
  /** Random id (UUID) of the spool that numbers the batches. */
  epoch: 'sextant-epoch',
  /** Decimal, from 1, always growing; numbers are left out where the agent had to drop and after it was killed. */
  sequence: 'sextant-sequence',
  /**
   * Decimal, below the sequence; 0 when absent. So many numbers right before this one carried no record, and are not
   * missing: positions that no record came with, and what an agent had set aside when it was killed.
   */
  emptyBefore: 'sextant-empty-before',
  /** CRC-32 (zlib.crc32) of the body as eight hexadecimal digits. */
  crc32: 'sextant-crc32',
} as const;

/** What a durable answer carries so that the agent can tell a replay from a first delivery: `stored` or `duplicate`. */
export const outcomeHeader = 'sextant-outcome';

export const signals = ['logs', 'metrics', 'traces'] as const;
/** OTLP signal; also the last part of the ingest path, `/v1/logs`. */
export type Signal = (typeof signals)[number];

/**
 * Headers of `/agent/v1/bundles/:id/volumes/:name`. GET answers `{offset, complete}`, PUT takes the bytes from an offset
 * on and answers the same. The checksum names the content, so that a node which gathers anew does not continue an
 * earlier copy.
 */
export const volumeHeaders = {
  /** Lower-case hexadecimal SHA-512 of the whole volume. */
  sha512: 'sextant-volume-sha512',
  /** Size of the whole volume, decimal. */
  bytes: 'sextant-volume-bytes',
  /** Where this request's body begins, decimal. */
  offset: 'sextant-volume-offset',
} as const;
