import { isWord, type LineView } from './line-view.ts';
import { hashedByte, wordHash } from './word-memory.ts';

const letterN = 110;

/** Words before four numbers that say that they are a version. */
const words = new Set(
  'ver vers v release build revision rev fw firmware driver assembly bios uefi schema sdk runtime package edition kb section chapter from'.split(
    ' ',
  ),
);
/** Products in a User-Agent (RFC 9110): `Chrome/120.0.0.0`. */
const product =
  /(?:chrome|chromium|headlesschrome|mozilla|safari|applewebkit|version|edg[a-z]?|firefox|opr|trident|curl|wget|python-requests|go-http-client|java|nginx|apache|openssl|microsoft-[a-z]+|azurecli|powershell|agent)\/$/i;
/** What follows only a version: `-5.el9`, `-1ubuntu`, `~rc1`, `.x86_64`, `.dll`. */
const after =
  /^(?:[~+][A-Za-z0-9]|-\d+[.~+a-z]|-(?:rc|beta|alpha|preview|ga|release|snapshot)|\.(?:el\d|fc\d|x86_64|amd64|noarch|rpm|deb|dll|nupkg|jar|msi|exe|cab|vib|so)\b)/i;
/** `192.0.2.1-192.0.2.9` is a range. */
const range = /^-\d{1,3}\.\d{1,3}\.\d{1,3}\.\d/;

/** Blanks, quotes and signs between a word and its number. */
const isBetween = (byte: number): boolean =>
  byte === 32 ||
  byte === 9 ||
  byte === 34 ||
  byte === 39 ||
  byte === 61 ||
  byte === 58 ||
  byte === 40 ||
  byte === 91 ||
  byte === 62;

const lower = (byte: number): number => (byte >= 65 && byte <= 90 ? byte | 32 : byte);
/** From the last byte to the first, as the text is looked at: most words before a number are others, and need not become strings. */
const hashOf = (word: string): number =>
  [...word].reduceRight((hash, character) => hashedByte(hash, character.charCodeAt(0)), wordHash);
const hashes = new Set([...words, 'is', 'was', 'number', 'to'].map(hashOf));
const longestWord = 24;

/** RFC 1918. */
const isPrivate = (octets: readonly number[]): boolean => {
  const a = octets[0] as number;
  const b = octets[1] as number;
  return a === 10 || (a === 172 && b >> 4 === 1) || (a === 192 && b === 168);
};

/** Whether what stands around four numbers tells that they are a version and no address. */
export function isVersion(line: LineView, start: number, end: number, octets: readonly number[]): boolean {
  const next = line.at(end);
  // Addresses of private networks are versions only when a word before them says so.
  if ((next === 45 || next === 126 || next === 43 || next === 46) && !isPrivate(octets)) {
    const tail = line.slice(end, end + 24);
    if (after.test(tail) && !range.test(tail)) return true;
  }
  if (line.at(start - 1) === 47) return product.test(line.slice(start - 24, start));
  const { bytes, from } = line;
  let wordEnd = start;
  while (wordEnd > from && start - wordEnd < 8 && isBetween(bytes[wordEnd - 1] as number)) wordEnd--;
  let wordStart = wordEnd;
  let hash = wordHash;
  for (; wordStart > from && wordEnd - wordStart < longestWord; wordStart--) {
    const byte = bytes[wordStart - 1] as number;
    if (!isWord(byte)) break;
    hash = hashedByte(hash, lower(byte));
  }
  if (wordStart === wordEnd) return false;
  // A word that does not end as `version` does, and is none of the known ones, says nothing.
  if (lower(bytes[wordEnd - 1] as number) !== letterN && !hashes.has(hash)) return false;
  const word = line.slice(wordStart, wordEnd).toLowerCase();
  if (word.endsWith('version')) return true;
  if (word === 'from')
    return /\b(?:upgraded?|updated?|version[a-z]*|migrated?|upgrading|updating)\b[^\r\n]{0,40} from[^a-z]*$/i.test(
      line.slice(wordStart - 72, start),
    );
  if (word === 'is' || word === 'was' || word === 'number')
    return /\bversion (?:is|was|number)[^a-z]*$/i.test(line.slice(wordStart - 12, start));
  if (word === 'to')
    return /\b(?:upgraded?|updated?|upgrading|updating)\b[^\r\n]{0,60} to[^a-z]*$/i.test(
      line.slice(wordStart - 72, start),
    );
  return words.has(word);
}
