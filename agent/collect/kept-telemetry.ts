import type { CoverageSource } from '../../bundle/coverage.ts';
import type { RedactionTally } from '../../bundle/redaction/profile.ts';
import type { Redactor } from '../../bundle/redaction/redactor.ts';
import type { VolumeWriter } from '../../bundle/volume-writer.ts';
import type { SegmentFrame } from '../spool/segment-frames.ts';
import { type KeptFile, type KeptReading, keptFrames } from './kept-file.ts';

/** What is written of the telemetry that this node has kept. */
export interface KeptRequest {
  node: string;
  files: readonly KeptFile[];
  writer: VolumeWriter;
  redactor: Redactor;
  fromUnixMs: number;
  untilUnixMs: number;
  signal: AbortSignal;
  onProgress(source: CoverageSource): void;
  /** A look over the files, which learns what they cannot answer. */
  look(): Look;
}

export interface Look {
  frames(file: KeptFile): AsyncGenerator<SegmentFrame>;
  /** What `decode` returns, or nothing and a note when the batch is not what it should be. */
  decoded<Item>(decode: () => Item[]): Item[];
  /** A record that lies in the window. */
  record(file: KeptFile, unixNano: bigint): void;
  /** The source with its state: a gap where thinning, the ring's bounds or damage have left one. */
  finish(source: CoverageSource, emptyReason: string): CoverageSource;
}

/** Files that a reason names. */
const maxNamed = 10;

const iso = (unixMs: number): string => new Date(unixMs).toISOString();

/** RFC 3339 with nine digits. */
export const nanoTime = (unixNano: bigint): string =>
  `${new Date(Number(unixNano / 1_000_000_000n) * 1000).toISOString().slice(0, 19)}.${String(unixNano % 1_000_000_000n).padStart(9, '0')}Z`;

export const keptSource = ({ node }: KeptRequest, source: string, masked: RedactionTally): CoverageSource => ({
  node,
  source,
  state: 'ok',
  bytes: 0,
  first: null,
  last: null,
  reason: null,
  masked,
});

/** `lost`: what is known of gaps before anything is read, such as a ring that is turned off or has dropped files. */
export function createLook({ lost }: { lost?: string | undefined }): Look {
  const reading: KeptReading = { label: undefined, damaged: 0, unreadable: [] };
  let first: bigint | undefined;
  let last: bigint | undefined;
  let thinThrough: bigint | undefined;
  return {
    frames: (file) => keptFrames(file, reading),
    decoded(decode) {
      try {
        return decode();
      } catch {
        reading.damaged += 1;
        return [];
      }
    },
    record(file, unixNano) {
      if (first === undefined || unixNano < first) first = unixNano;
      if (last === undefined || unixNano > last) last = unixNano;
      if (file.thin && (thinThrough === undefined || unixNano > thinThrough)) thinThrough = unixNano;
    },
    finish(source, emptyReason) {
      const gaps: string[] = [];
      if (reading.damaged > 0) gaps.push(`${reading.damaged} damaged batches were passed over`);
      if (reading.unreadable.length > 0) {
        const named = reading.unreadable.slice(0, maxNamed).join(', ');
        const more = reading.unreadable.length - maxNamed;
        gaps.push(`files could not be read: ${named}${more > 0 ? ` and ${more} more` : ''}`);
      }
      if (thinThrough !== undefined) {
        const until = iso(Number(thinThrough / 1_000_000n));
        const left =
          source.source === 'telemetry/logs'
            ? 'warnings and worse, and what agent.ring.keep names,'
            : 'a sample a minute';
        gaps.push(`up to ${until} only ${left} were kept`);
      }
      if (lost !== undefined) gaps.push(lost);
      const empty = first === undefined;
      return {
        ...source,
        state: gaps.length > 0 ? 'partial' : empty ? 'absent' : 'ok',
        first: first === undefined ? null : nanoTime(first),
        last: last === undefined ? null : nanoTime(last),
        reason: gaps.length > 0 ? gaps.join('; ') : empty ? emptyReason : null,
      };
    },
  };
}
