export type TextEncodingName = 'utf-8' | 'utf-16le' | 'utf-16be';

/** What the byte order mark at a file's start says; UTF-8 when there is none. */
export function detectEncoding(head: Uint8Array): { name: TextEncodingName; bomBytes: number } {
  if (head[0] === 0xff && head[1] === 0xfe) return { name: 'utf-16le', bomBytes: 2 };
  if (head[0] === 0xfe && head[1] === 0xff) return { name: 'utf-16be', bomBytes: 2 };
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return { name: 'utf-8', bomBytes: 3 };
  return { name: 'utf-8', bomBytes: 0 };
}
