import { deflateRawSync } from 'node:zlib';

/** As volumes are written. */
const level = 1;
/** Headers of an entry, local and central, beside its content. */
export const entryOverheadBytes = 200;
/** What is presumed where nothing could be looked at: text of programs. */
export const usualPackedShare = 0.3;

/** How much of a text's size is left in a volume, judged by pieces of it that are worth some kilobytes each; 1 for nothing. */
export function packedShare(pieces: readonly Buffer[]): number {
  let bytes = 0;
  let packed = 0;
  for (const piece of pieces) {
    if (piece.length === 0) continue;
    bytes += piece.length;
    packed += deflateRawSync(piece, { level }).length;
  }
  return bytes === 0 ? 1 : Math.min(1, packed / bytes);
}
