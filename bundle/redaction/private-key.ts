import { wholeMark } from './fingerprint.ts';

const begin = /-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----/;
const end = /-----END (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----/;
/** A line of a key: base64, perhaps behind a log prefix, perhaps with JSON around; a blank line; an RFC 1421 header. */
const keyLine =
  /^[ \t\r]*$|[A-Za-z0-9+/=]{16,}(?:\\n|\\r)*["', \t\r]*$|^[ \t]*[A-Za-z0-9+/=]{1,64}[ \t\r]*$|^[A-Za-z-]{4,24}: /;
/** A JSON record of a line of a key, as journalctl and log shippers write it. */
const recordLine =
  /"(?:MESSAGE|message|body|msg|log|text)"[ ]?:[ ]?"(?<secret>[^"\\]*?[A-Za-z0-9+/=]{16,}|[A-Za-z0-9+/=]{1,64})(?:\\[nr])*"/;
/** No key is longer; what goes on without an end is no key. */
const maxLines = 400;

/** Follows a private key over the lines of one text; its lines are swallowed and one mark stands for them. */
export interface PrivateKeyState {
  /** A key is open: `take` must be asked for the next line. */
  readonly open: boolean;
  /** The key comes as one JSON record a line; other records may stand between. */
  readonly inRecords: boolean;
  /** True for a line on which a key begins that does not end there; `begin` tells what to write for it. */
  begins(line: string): boolean;
  begin(line: string): string;
  /** Text to write for a line while a key is open; undefined when this line is no part of it. */
  take(line: string): string | undefined;
  /** Mark for a key that has no end. */
  finish(): string;
}

/** `onMasked` is called for each mark; a key that is a mark already stays as it is. */
export function createPrivateKeyState(
  mark: (rule: string, secret: string) => string,
  onMasked: () => void,
): PrivateKeyState {
  let secret: string | undefined;
  let records = false;
  let lines = 0;
  const markOf = (text: string): string => {
    const trimmed = text.trim();
    if (trimmed === '') return '';
    if (wholeMark.test(trimmed)) return text;
    onMasked();
    return mark('private-key', text);
  };
  const close = (): string => {
    const held = secret ?? '';
    secret = undefined;
    const made = markOf(held);
    return made === '' || made.endsWith('\n') ? made : `${made}\n`;
  };
  return {
    get open() {
      return secret !== undefined || records;
    },
    get inRecords() {
      return records;
    },
    begins: (line) => begin.test(line) && !end.test(line.slice(line.search(begin))),
    begin: (line) => {
      const match = begin.exec(line);
      if (!match) throw new Error('BUG: no key begins on this line');
      lines = 0;
      if (/^[ \t]*\{/.test(line)) {
        records = true;
        return line;
      }
      const cut = match.index + match[0].length;
      secret = line.slice(cut).replace(/^[\r\n]+/, '');
      return `${line.slice(0, cut)}\n`;
    },
    take: (line) => {
      if (records) {
        if (end.test(line) || ++lines > maxLines) records = false;
        const part = recordLine.exec(line)?.groups?.secret;
        if (!records || part === undefined) return undefined;
        // What is no line of the key in between (a word) is masked with it: nobody can tell them apart.
        onMasked();
        return line.replace(part, () => mark('private-key', part));
      }
      const text = line.replace(/\n$/, '');
      const match = end.exec(text);
      if (match) {
        secret += text.slice(0, match.index);
        return `${close()}${line.slice(match.index)}`;
      }
      if (wholeMark.test(text.trim())) {
        secret += line;
        return '';
      }
      if (++lines > maxLines || !keyLine.test(text)) return undefined;
      secret += line;
      return '';
    },
    finish: () => {
      records = false;
      return secret === undefined ? '' : close();
    },
  };
}
