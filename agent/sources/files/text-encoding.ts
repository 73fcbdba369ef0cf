import { isAscii, isUtf8 } from 'node:buffer';
import { type EncodingName, isDoubleByte } from './encoding-names.ts';

/** How the bytes of a file become text. */
export interface TextEncoding {
  readonly name: EncodingName;
  /** Bytes of the smallest unit; both bytes of a UTF-16 line end lie in one. */
  readonly unitBytes: 1 | 2;
  /** The bytes of `\n`. */
  readonly newline: readonly number[];
  /** Whether these bytes are UTF-8 as they are. */
  isPlain(bytes: Buffer): boolean;
  /** Bytes that are no text become U+FFFD. */
  decode(bytes: Buffer): string;
  /** Largest number of bytes up to `limit` that does not cut a character; `bytes` begin with one. */
  boundary(bytes: Buffer, limit: number): number;
}

const utf16beDecoder = new TextDecoder('utf-16be', { ignoreBOM: true });

export const utf8: TextEncoding = {
  name: 'utf-8',
  unitBytes: 1,
  newline: [10],
  isPlain: isUtf8,
  decode: (bytes) => bytes.toString('utf8'),
  boundary(bytes, limit) {
    for (let cut = limit; cut > limit - 4 && cut > 0; cut -= 1) {
      if (((bytes[cut] ?? 0) & 0xc0) !== 0x80) return cut;
    }
    return limit;
  },
};

const utf16 = (
  name: 'utf-16le' | 'utf-16be',
  newline: readonly number[],
  decode: (bytes: Buffer) => string,
): TextEncoding => ({
  name,
  unitBytes: 2,
  newline,
  isPlain: () => false,
  decode,
  boundary(bytes, limit) {
    const even = limit - (limit % 2);
    const highByte = bytes[name === 'utf-16le' ? even - 1 : even - 2] ?? 0;
    // A high surrogate stays with its low one.
    return (highByte & 0xfc) === 0xd8 && even > 2 ? even - 2 : even;
  },
});
export const utf16le = utf16('utf-16le', [10, 0], (bytes) => bytes.toString('utf16le'));
export const utf16be = utf16('utf-16be', [0, 10], (bytes) => utf16beDecoder.decode(bytes));

/**
 * The encoding of this name; undefined for `auto`. Tables of code pages are loaded when one is asked for: most nodes
 * need none.
 */
export async function loadEncoding(name: EncodingName): Promise<TextEncoding | undefined> {
  if (name === 'auto') return undefined;
  const unicode = [utf8, utf16le, utf16be].find((encoding) => encoding.name === name);
  if (unicode) return unicode;
  const { decode } = (await import('iconv-lite')).default;
  return {
    name,
    unitBytes: 1,
    newline: [10],
    isPlain: isAscii,
    decode: (bytes) => decode(bytes, name),
    boundary(bytes, limit) {
      if (!isDoubleByte(name)) return limit;
      let cut = 0;
      while (cut < limit) {
        const size = hasSecondByte(name, bytes[cut] as number) ? 2 : 1;
        if (cut + size > limit) break;
        cut += size;
      }
      return cut === 0 ? limit : cut;
    },
  };
}

/** In Shift-JIS the halfwidth katakana, A1 to DF, stand alone. */
const hasSecondByte = (name: EncodingName, byte: number): boolean =>
  name === 'cp932' ? (byte > 0x80 && byte < 0xa0) || byte > 0xdf : byte > 0x80;

/** What the byte order mark at a file's start says. */
function markedEncoding(head: Uint8Array): { encoding: TextEncoding; bytes: number } | undefined {
  if (head[0] === 0xff && head[1] === 0xfe) return { encoding: utf16le, bytes: 2 };
  if (head[0] === 0xfe && head[1] === 0xff) return { encoding: utf16be, bytes: 2 };
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return { encoding: utf8, bytes: 3 };
  return undefined;
}

/** Bytes of the byte order mark; 0 when there is none. */
export const markBytes = (head: Uint8Array): number => markedEncoding(head)?.bytes ?? 0;

/**
 * Encoding of a file that begins with `head`: what its byte order mark says, else what was configured, else UTF-16
 * when its first two characters have a zero byte each on the same side, else UTF-8.
 */
export function encodingOf(head: Uint8Array, configured: TextEncoding | undefined): TextEncoding {
  return markedEncoding(head)?.encoding ?? configured ?? guessedEncoding(head);
}

function guessedEncoding(head: Uint8Array): TextEncoding {
  const isZero = (at: number) => head[at] === 0;
  const isText = (at: number) => head[at] !== 0;
  const fits = (at: number, test: (at: number) => boolean) => at >= head.length || test(at);
  if (head.length < 2) return utf8;
  if (isText(0) && isZero(1) && fits(2, isText) && fits(3, isZero)) return utf16le;
  if (isZero(0) && isText(1) && fits(2, isZero) && fits(3, isText)) return utf16be;
  return utf8;
}
