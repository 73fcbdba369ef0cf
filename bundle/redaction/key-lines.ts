/** PEM (RFC 7468) and OpenPGP; with four dashes and blanks as in RFC 4716. */
const begin = /-----?[ ]?BEGIN (?:(?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?|OpenVPN Static key V1)[ ]?-----?/;
const end = /-----?[ ]?END (?:(?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?|OpenVPN Static key V1)[ ]?-----?/;
/** A line of a key: base64, perhaps behind a log prefix, perhaps with JSON around; a blank line; an RFC 1421 header. */
const keyLine =
  /^[ \t\r]*$|(?<![A-Za-z0-9+/=])[A-Za-z0-9+/=]{16,}(?:\\n|\\r)*["', \t\r]*$|^[ \t]*[A-Za-z0-9+/=]{1,64}[ \t\r]*$|^[A-Za-z-]{4,24}: /;
/** What ends a line and may be a key's: long, or padded, behind anything. */
const tail = /(?<![A-Za-z0-9+/=])(?<key>[A-Za-z0-9+/]{16,}={0,2}|[A-Za-z0-9+/]{2,}={1,2})(?:\\n|\\r)*["', \t\r]*$/d;
/** The same for a line, or what stands behind a key's own prefix, that is nothing else. */
const alone = /^[>|# \t"']*(?<key>[A-Za-z0-9+/]{1,80}={0,2})(?:\\n|\\r)*["', \t\r]*$/d;
/** Words, paths of words, numbers and hashes: no line of random base64 looks like one. */
const longWords = /^\/?(?:(?:[A-Z]?[a-z]{3,}|[A-Z]{3,})+\d{0,3}(?:\/|$))+$|^\d+$|^[0-9a-f]{16,}$/;
const shortWord = /^(?:[A-Z]?[a-z]+|[A-Z]+|\d+)$/;
/** No key is longer; what goes on without an end is no key. */
const maxKeyLines = 400;
/** So many lines of others may stand between a key's own, all together. */
const maxOtherLines = 400;

const looksRandom = (text: string): boolean =>
  !(text.length < 16 ? shortWord : longWords).test(text.replace(/=+$/, ''));

/** Follows private keys over the lines of one stream, in which lines of others may stand between a key's own. */
export interface KeyLines {
  /** A key has begun and not ended. */
  readonly open: boolean;
  /** Another's line was among them: from then on only what looks like a key is one, not every short line or header. */
  readonly torn: boolean;
  /** A key begins on this line, which does not end there. */
  begins(line: string): boolean;
  /** Takes note of it; returns where it stands. */
  begin(line: string): { start: number; end: number };
  /** Lines of others are to be expected. */
  tear(): void;
  /** Where the end of a key stands on this line; -1 when there is none. */
  endAt(line: string): number;
  /** The end of a key was met: another may still be open. */
  end(): void;
  /** The stretch of a line, without its line end, that belongs to a key; undefined for none. */
  take(text: string): [start: number, end: number] | undefined;
  close(): void;
}

export function createKeyLines(): KeyLines {
  /** Keys of several programs may be open at once. */
  let keys = 0;
  let torn = false;
  let own = 0;
  let others = 0;
  /** What stood right before each BEGIN (`app[12]: `): the key's other lines have it as well. */
  const prefixes = new Set<string>();

  const stretch = (text: string): [number, number] | undefined => {
    const prefix = [...prefixes].find((each) => text.includes(each)) ?? '';
    const from = prefix === '' ? 0 : text.indexOf(prefix) + prefix.length;
    const found = alone.exec(text.slice(from));
    const whole = found?.indices?.groups?.key;
    if (found?.groups?.key && whole) {
      const { key } = found.groups;
      return key.endsWith('=') || looksRandom(key) ? [from + whole[0], from + whole[1]] : undefined;
    }
    const last = tail.exec(text);
    return last?.groups?.key && looksRandom(last.groups.key) ? last.indices?.groups?.key : undefined;
  };

  return {
    get open() {
      return keys > 0;
    },
    get torn() {
      return torn;
    },
    begins: (line) => begin.test(line) && !end.test(line.slice(line.search(begin))),
    begin: (line) => {
      const match = begin.exec(line);
      if (!match) throw new Error('BUG: no key begins on this line');
      torn = keys > 0;
      if (!torn || prefixes.size > 15) prefixes.clear();
      keys++;
      own = 0;
      others = 0;
      const prefix = /[^ \t]{2,}[ \t]+$/.exec(line.slice(Math.max(0, match.index - 256), match.index));
      if (prefix) prefixes.add(prefix[0]);
      return { start: match.index, end: match.index + match[0].length };
    },
    tear: () => {
      torn = true;
    },
    endAt: (line) => line.search(end),
    end: () => {
      keys--;
    },
    take: (text) => {
      const found = torn ? stretch(text) : keyLine.test(text) ? ([0, text.length] as [number, number]) : undefined;
      if (found === undefined) torn = true;
      if (found === undefined ? ++others > maxOtherLines : ++own > maxKeyLines) {
        keys = 0;
        return undefined;
      }
      return found ?? stretch(text);
    },
    close: () => {
      keys = 0;
    },
  };
}
