/** How the bytes of a file are to be read, judged by its beginning. */
export type TextEncoding = 'bytes' | 'utf-16le' | 'utf-16be' | 'binary';

/** Bytes that are enough to judge. */
export const sniffBytes = 8192;

/**
 * `bytes` for ASCII, UTF-8 and every other single-byte or ASCII-compatible encoding; `binary` for what cannot be masked
 * line by line.
 */
export function sniffEncoding(start: Buffer): TextEncoding {
  const head = start.subarray(0, sniffBytes);
  if (head.length === 0) return 'bytes';
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  let control = 0;
  const zeros: [even: number, odd: number] = [0, 0];
  for (let at = 0; at < head.length; at++) {
    const byte = head[at] ?? 0;
    if (byte === 0) zeros[(at & 1) as 0 | 1]++;
    else if (byte < 9 || (byte > 13 && byte < 27) || (byte > 27 && byte < 32)) control++;
  }
  const half = head.length / 2;
  // Western text in UTF-16 has a zero in nearly every second byte, and on one side only.
  if (zeros[1] > half * 0.7 && zeros[0] < half * 0.05) return 'utf-16le';
  if (zeros[0] > half * 0.7 && zeros[1] < half * 0.05) return 'utf-16be';
  return zeros[0] + zeros[1] > 0 || control > head.length * 0.05 ? 'binary' : 'bytes';
}
