import type { NodeCapClass } from '../../bundle/caps.ts';
import type { FileQuestions } from '../filesystems/file-questions.ts';
import type { KnownSizes } from './known-sizes.ts';

/** What estimating one item is given. */
export interface EstimateContext {
  fromUnixMs: number;
  untilUnixMs: number;
  maxBytesOf(kind: NodeCapClass): number;
  nowMs(): number;
  /** For what is asked of files that are not the agent's own. */
  questions: FileQuestions;
  signal: AbortSignal;
  /** Folder on the disk where a gather would put its volumes. */
  scratch: string;
  sizes: KnownSizes;
  /** As it would go into the bundle. */
  redact(piece: Buffer): Promise<Buffer>;
  /** Until when commands of which no size is known may be tried. */
  tryUntilMs: number;
}
