import { wholeMark } from './fingerprint.ts';
import { createKeyLines } from './key-lines.ts';

/** A JSON record of a line of a key, as journalctl and log shippers write it. */
const recordLine =
  /"(?:MESSAGE|message|body|msg|log|text)"[ ]?:[ ]?"(?<secret>[^"\\]*?(?<![A-Za-z0-9+/=])[A-Za-z0-9+/=]{16,}|[A-Za-z0-9+/=]{1,64})(?:\\[nr])*"/;
const isRecord = (line: string): boolean => /^[ \t]*\{/.test(line);

/**
 * Follows private keys over the lines of one text. Lines of a key are swallowed and one mark stands for them, as long as no
 * other program's line stands among them; from there on each is masked in its place.
 */
export interface PrivateKeyState {
  /** A key is open: `take` must be asked for the next line. */
  readonly open: boolean;
  /** True for a line on which a key begins that does not end there; `begin` tells what to write for it. */
  begins(line: string): boolean;
  begin(line: string): string;
  /** Text to write for a line while a key is open; undefined when this line is no part of it. */
  take(line: string): string | undefined;
  /** Mark for the lines that have been swallowed; a key that is open stays open. */
  flush(): string;
  /** The same, and no key is open any more. */
  finish(): string;
}

/** `onMasked` is called for each mark; a key that is a mark already stays as it is. */
export function createPrivateKeyState(
  mark: (rule: string, secret: string) => string,
  onMasked: () => void,
): PrivateKeyState {
  const keys = createKeyLines();
  /** The key comes as one JSON record a line; other records may stand between. */
  let records = false;
  let held = '';
  const masked = (text: string): string => {
    onMasked();
    return mark('private-key', text);
  };
  const flush = (): string => {
    const text = held;
    held = '';
    const trimmed = text.trim();
    if (trimmed === '') return '';
    const made = wholeMark.test(trimmed) ? text : masked(text);
    return made.endsWith('\n') ? made : `${made}\n`;
  };
  const maskedPart = (line: string, part: readonly [number, number] | undefined): string | undefined =>
    part && line.slice(0, part[0]) + masked(line.slice(part[0], part[1])) + line.slice(part[1]);

  const takeRecord = (line: string, part: readonly [number, number] | undefined): string | undefined => {
    const secret = recordLine.exec(line)?.groups?.secret;
    if (secret === undefined) return maskedPart(line, part);
    // What is no line of the key in between (a word) is masked with it: nobody can tell them apart.
    return line.replace(secret, () => masked(secret));
  };

  return {
    get open() {
      return keys.open;
    },
    begins: keys.begins,
    begin: (line) => {
      const before = flush();
      records &&= keys.open;
      const { end } = keys.begin(line);
      if (isRecord(line)) {
        records = true;
        keys.tear();
        return before + line;
      }
      held = line.slice(end).replace(/^[\r\n]+/, '');
      return `${before}${line.slice(0, end)}\n`;
    },
    take: (line) => {
      const text = line.replace(/\n$/, '');
      const end = keys.endAt(text);
      if (end !== -1) {
        const before = text.slice(0, end);
        const whole = !keys.torn;
        const part = whole ? undefined : keys.take(before);
        keys.end();
        if (whole) held += before;
        return flush() + (whole ? '' : (maskedPart(before, part) ?? before)) + line.slice(end);
      }
      if (!keys.torn && wholeMark.test(text.trim())) {
        held += line;
        return '';
      }
      const part = keys.take(text);
      if (!keys.open) return undefined;
      if (records && isRecord(line)) return takeRecord(line, part);
      if (keys.torn) {
        const made = maskedPart(line, part);
        return made === undefined ? undefined : flush() + made;
      }
      held += line;
      return '';
    },
    flush,
    finish: () => {
      keys.close();
      return flush();
    },
  };
}
