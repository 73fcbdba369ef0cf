import type { Masker, MaskTally } from './masker.ts';

const begin = /-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----/;
const end = /-----END (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----/;
/** A line of a key: base64, perhaps behind a log prefix, perhaps with JSON around; a blank line; an RFC 1421 header. */
const keyLine =
  /^[ \t\r]*$|[A-Za-z0-9+/=]{16,}(?:\\n|\\r)*["', \t\r]*$|^[ \t]*[A-Za-z0-9+/=]{1,64}[ \t\r]*$|^[A-Za-z-]{4,24}: /;
/** No key is longer; what goes on without an end is no key. */
const maxLines = 400;

/** Follows a private key over several lines; its lines are swallowed and one mark stands for them. */
export interface PemState {
  readonly open: boolean;
  /** True for a line on which a key begins that does not end there. */
  begins(line: string): boolean;
  /** Text to write for the line on which the key begins. */
  begin(line: string): string;
  /** Text to write for a line inside the key; undefined when this line is no part of a key, and the key is over. */
  take(line: string): string | undefined;
  /** Mark for a key that has no end. */
  finish(): string;
}

export function createPemState(masker: Masker, tally: MaskTally): PemState {
  let secret: string | undefined;
  let lines = 0;
  const close = (): string => {
    const mark = masker.mark('private-key', secret ?? '', 'bytes');
    secret = undefined;
    tally['private-key'] = (tally['private-key'] ?? 0) + 1;
    return mark;
  };
  return {
    get open() {
      return secret !== undefined;
    },
    begins: (line) => begin.test(line) && !end.test(line.slice(line.search(begin))),
    begin: (line) => {
      const match = begin.exec(line);
      if (!match) throw new Error('BUG: no key begins on this line');
      const cut = match.index + match[0].length;
      secret = line.slice(cut);
      lines = 0;
      return `${line.slice(0, cut)}\n`;
    },
    take: (line) => {
      const text = line.replace(/\n$/, '');
      const match = end.exec(text);
      if (match) {
        secret += text.slice(0, match.index);
        return `${close()}\n${line.slice(match.index)}`;
      }
      if (++lines > maxLines || !keyLine.test(text)) return undefined;
      secret += line;
      return '';
    },
    finish: () => (secret === undefined ? '' : `${close()}\n`),
  };
}
