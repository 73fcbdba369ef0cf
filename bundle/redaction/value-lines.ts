import { wholeMark } from './fingerprint.ts';
import { isSecretValue, rareSecretName, secretName } from './rule.ts';
import { rowsBelow, type ValueRows } from './value-rows.ts';
import { maskedRow, ruledTable, type TableHeader, tableHeader } from './value-table.ts';

const lineEnd = '[ \\t]*(?:#[^\\r\\n]*)?[\\r\\n]*$';
/** A name at the beginning of its line, as YAML and INI have it: `  - db_password`. */
const name = `^(?<indent>[ \\t]*(?:-[ \\t]+)*)["']?[A-Za-z0-9_.-]{0,60}(?<name>${secretName}|${rareSecretName})["']?`;
/** The form of all of them, which few lines have. */
const named =
  /^[ \t]*(?:-[ \t]+)*["']?[A-Za-z0-9_.\x80-\xff-]{1,100}["']?[ \t]*[:=](?:[ \t]+[!&][^ \t\r\n]*)*[ \t]*(?:[|>][-+0-9]{0,2}|[[{]|["'\\]|["']?(?:v1|Secret)["']?|\d{1,4})?[ \t]*(?:#[^\r\n]*)?[\r\n]*$|@["'][ \t]*[\r\n]*$|^[ \t]*variable[ \t]|=hex[^\r\n]*\\[\r\n]*$/;
/** A line of names alone. */
const mayBeHeader = /^[ \t|]*["A-Za-z_][A-Za-z0-9_. \t,;|"-]*[\r\n]*$/;
/** `password: |`, `password: !vault >-`: what is indented further belongs to it. */
const block = new RegExp(`${name}[ \\t]*:(?:[ \\t]+[!&][A-Za-z0-9_/!.-]*)*[ \\t]*[|>][-+0-9]{0,2}${lineEnd}`, 'i');
/** `password:` and `password = \`, with the value, or a list of values, on the next line. */
const next = new RegExp(`${name}[ \\t]*[:=](?:[ \\t]+[!&][A-Za-z0-9_/!.-]*)*[ \\t]*["'\\\\]?${lineEnd}`, 'i');
/** A list of JSON over several lines. */
const list = new RegExp(`${name}[ \\t]*:[ \\t]*\\[${lineEnd}`, 'i');
/** A member of JSON, or a variable of Terraform, with its value in one of the next lines: `"password": {`. */
const object = new RegExp(
  `^(?<indent>[ \\t]*)(?:variable[ \\t]+)?"[A-Za-z0-9_.-]{0,60}(?:${secretName}|${rareSecretName})"[ \\t]*:?[ \\t]*\\{${lineEnd}`,
  'i',
);
const memberValue =
  /^(?<before>[ \t]*["']?(?:value|default|data|text|plaintext)["']?[ \t]*[:=][ \t]*["'])(?<value>(?:\\.|[^"'\\\r\n])+)(?<after>["'],?[ \t\r\n]*)$/i;
/** A text of PowerShell over several lines. */
const hereString = new RegExp(`(?:${secretName}|${rareSecretName})[ \\t]*=[ \\t]*@["'][ \\t]*[\\r\\n]*$`, 'i');
/** Bytes of a value of the registry, which go on behind a backslash. */
const bytes = new RegExp(
  `^"[^"\\r\\n]{0,60}(?:${secretName})"=hex(?:\\([0-9a-f]{1,2}\\))?:[0-9a-f,]*\\\\[\\r\\n]*$`,
  'i',
);
const moreBytes =
  /^(?<before>[ \t]*)(?<value>[0-9a-f]{2}(?:,[0-9a-f]{2})*|\[masked:[^\]]*\])(?<after>,?\\?[ \t\r\n]*)$/i;
/** PowerShell's Format-List breaks a value at the console's width and goes on below its beginning. */
const wrapping = /^(?<name>[A-Za-z][A-Za-z0-9_. ()-]{0,60}?[ \t]*:[ ]+)/;
const endsInMark = /\[masked:[a-z-]+:[0-9a-f]{8}\][ \t\r\n]*$/;
/** Without a pattern, which would begin at each bracket of the line. */
const endsInBracket = (line: string): boolean => {
  let at = line.length - 1;
  while (at >= 0 && blanks.includes(line[at] as string)) at--;
  return line[at] === ']';
};
const blanks = ' \t\r\n';
const goesOn = /^(?<before>[ \t]*)(?<value>[^ \t\r\n;"'<>,]+)(?<after>[^\r\n]*[\r\n]*)$/;
/** No console is narrower. */
const minWidth = 60;
/** Private numbers as OpenSSL prints them. */
const numbers = /^(?<indent>[ \t]*)(?:privateExponent|prime[12]|exponent[12]|coefficient|priv):[ \t]*[\r\n]*$/;
/** PuTTY tells how many lines its private part has. */
const putty = /^[ \t]*Private-Lines:[ \t]*(?<count>\d{1,4})[ \t]*[\r\n]*$/i;
const kubernetes =
  /^(?<indent>[ \t]*(?:-[ \t]+)*)["']?(?:kind["']?:[ \t]*["']?Secret|apiVersion["']?:[ \t]*["']?v1)["']?[ \t]*[\r\n]*$/;

const word =
  /^(?<before>[ \t]*(?<dash>-[ \t]+)?["']?)(?<value>[^ \t\r\n"'()<>{}[\],:=][^ \t\r\n"'()<>{}[\],]*|(?<=["'])[^"'\r\n]+)(?<after>["']?,?[ \t\r\n]*)$/;
const item = /^(?<before>[ \t]*["'])(?<value>(?:\\.|[^"'\\\r\n])+)(?<after>["'],?[ \t\r\n]*)$/;
const whole = /^(?<before>[ \t]*)(?<value>[^ \t\r\n](?:[^\r\n]*[^ \t\r\n])?)(?<after>[ \t\r\n]*)$/;
const pair =
  /^(?<before>[ \t]*["']?[A-Za-z0-9_./-]{1,253}["']?:[ \t]+["']?)(?<value>[^ \t\r\n"'|>][^\r\n"']*)(?<after>["']?[ \t\r\n]*)$/;
/** Names of others' secrets stand in lists under these, as in compose files. */
const references = /^(?:secrets?|credentials?)$/i;
/** In a map of which nobody knows yet whether it is a secret's. */
const isEncoded = (value: string): boolean =>
  value.length % 4 === 0 && /^[A-Za-z0-9+/]{8,}={0,2}$/.test(value) && /[a-z]/.test(value) && /[A-Z0-9]/.test(value);

/** No value is longer. */
const maxLines = 400;
/** A manifest's kind and its data are not further apart. */
const maxLinesOfManifest = 60;
const maxLinesOfObject = 8;
const mostLines = ({ kind }: State): number =>
  kind === 'table' ? Number.POSITIVE_INFINITY : kind === 'manifest' ? maxLinesOfManifest : maxLines;

const width = (line: string): number => /^[ \t]*/.exec(line)?.[0].length ?? 0;
const isBlank = (line: string): boolean => /^[ \t\r\n]*$/.test(line);

/**
 * Follows values that stand on the lines after their names: blocks and lists of YAML and JSON, the private part of PuTTY's
 * keys, the data of Kubernetes' secrets, rows of files that have no names. Each line keeps its place and what it is indented by; its value becomes a mark.
 */
export interface ValueLines {
  /** `take` must be asked for the next line. */
  readonly open: boolean;
  /** Each line is asked for by itself: none is put together with the next one. */
  readonly alone: boolean;
  /** True for a line whose value is on the next ones. */
  begins(line: string): boolean;
  /** Text to write for a line while open; undefined when it is no part of a value. */
  take(line: string): string | undefined;
  /** False for a line of which `goesOn` will be false, whatever names become of it. */
  mayGoOn(line: string): boolean;
  /** True for a line whose value, which became the mark at its end, goes on in the next line. */
  goesOn(line: string, made: string): boolean;
  close(): void;
}

type State =
  | { kind: 'block'; indent: number }
  | { kind: 'next'; indent: number; from: number; asList: boolean; taken: boolean }
  | { kind: 'list' }
  | { kind: 'object'; indent: number; left: number }
  | { kind: 'rows'; rows: ValueRows }
  | { kind: 'here' }
  | { kind: 'bytes' }
  | { kind: 'wrapped'; column: number }
  | { kind: 'table'; header: TableHeader }
  | { kind: 'count'; left: number }
  | { kind: 'manifest'; indent: number; isSecret: boolean; inData: boolean };

/** `onMasked` is called for each mark. */
export function createValueLines(mark: (rule: string, secret: string) => string, onMasked: () => void): ValueLines {
  let state: State | undefined;
  let lines = 0;
  let manifest: State | undefined;

  const masked = (line: string, form: RegExp, accept: (value: string) => boolean): string | undefined => {
    const { before, value, after } = form.exec(line)?.groups ?? {};
    if (before === undefined || value === undefined || after === undefined || !accept(value)) return undefined;
    if (wholeMark.test(value)) return line;
    onMasked();
    return before + mark('value-line', value) + after;
  };
  const any = (): boolean => true;
  const open = (made: State): true => {
    state = made;
    lines = 0;
    return true;
  };

  const begins = (line: string): boolean => {
    const header = mayBeHeader.test(line) ? tableHeader(line) : undefined;
    if (header) return open({ kind: 'table', header });
    if (line.length > 256) return false;
    const rows = rowsBelow(line);
    if (rows) return open({ kind: 'rows', rows });
    if (!named.test(line)) return false;
    const indentOf = (groups: Record<string, string> | undefined): number => groups?.indent?.length ?? 0;
    const inBlock = block.exec(line)?.groups;
    if (inBlock) return open({ kind: 'block', indent: indentOf(inBlock) });
    const ofNumbers = numbers.exec(line)?.groups;
    if (ofNumbers) return open({ kind: 'block', indent: indentOf(ofNumbers) });
    const after = next.exec(line)?.groups;
    if (after) {
      const asList = !references.test(after.name ?? '');
      const indent = indentOf(after);
      // Behind a backslash the next line belongs to this one, wherever it begins.
      const from = /\\[ \t]*[\r\n]*$/.test(line) ? 0 : indent + 1;
      return open({ kind: 'next', indent, from, asList, taken: false });
    }
    if (list.test(line)) return open({ kind: 'list' });
    const member = object.exec(line)?.groups;
    if (member) return open({ kind: 'object', indent: indentOf(member), left: maxLinesOfObject });
    if (hereString.test(line)) return open({ kind: 'here' });
    if (bytes.test(line)) return open({ kind: 'bytes' });
    const count = putty.exec(line)?.groups?.count;
    if (count !== undefined) return open({ kind: 'count', left: Number(count) });
    const inManifest = kubernetes.exec(line)?.groups;
    if (!inManifest) return false;
    const isSecret = /secret/i.test(line);
    return open({ kind: 'manifest', indent: indentOf(inManifest), isSecret, inData: false });
  };

  /** A line of a manifest: values of its data are masked, all others are left to the rules. */
  const takeOfManifest = (at: State & { kind: 'manifest' }, line: string): string | undefined => {
    const own = width(line);
    if (/^(?:---|\.\.\.)/.test(line) || (own < at.indent && !isBlank(line))) {
      close();
      return undefined;
    }
    if (/kind["']?:[ \t]*["']?Secret["']?[ \t\r\n]*$/.test(line)) at.isSecret = true;
    else if (/^[ \t]*kind:/.test(line)) at.isSecret = false;
    if (own <= at.indent) at.inData = /^[ \t]*["']?(?:data|stringData)["']?:[ \t\r\n]*$/.test(line);
    else if (at.inData) {
      const inBlock = /:[ \t]*[|>][-+0-9]{0,2}[ \t\r\n]*$/.test(line);
      if (at.isSecret && inBlock) {
        manifest = at;
        state = { kind: 'block', indent: own };
        return line;
      }
      return masked(line, pair, at.isSecret ? any : isEncoded);
    }
    return undefined;
  };

  const takeOf = (at: State, line: string): string | undefined => {
    switch (at.kind) {
      case 'block':
        if (isBlank(line)) return line;
        return width(line) > at.indent ? masked(line, whole, any) : undefined;
      case 'next': {
        if (isBlank(line) && !at.taken) return undefined;
        const dashed = /^[ \t]*-[ \t]/.test(line);
        if (dashed ? !at.asList || width(line) < at.indent : at.taken || width(line) < at.from) return undefined;
        at.taken = true;
        const made = masked(line, word, isSecretValue);
        if (!dashed) state = undefined;
        return made;
      }
      case 'list':
        return masked(line, item, isSecretValue);
      case 'object': {
        if (at.left-- <= 0 || width(line) <= at.indent) return undefined;
        const made = masked(line, memberValue, isSecretValue);
        if (made !== undefined) state = undefined;
        return made;
      }
      case 'rows':
        return at.rows.passes?.test(line) ? line : masked(line, at.rows.row, isSecretValue);
      case 'here':
        if (/^(?:>>[ \t]*)?["']@/.test(line)) return undefined;
        return isBlank(line) ? line : masked(line, whole, any);
      case 'bytes': {
        const made = masked(line, moreBytes, any);
        if (!/\\[ \t\r\n]*$/.test(line)) state = undefined;
        return made;
      }
      case 'wrapped': {
        if (width(line) !== at.column) return undefined;
        const made = masked(line, goesOn, any);
        if (!/^[ \t]*[^ \t\r\n;"'<>,]+[ \t\r\n]*$/.test(line)) state = undefined;
        return made;
      }
      case 'table': {
        if (!at.header.ruled) {
          const header = ruledTable(at.header, line);
          if (header) at.header = header;
          return header && line;
        }
        return maskedRow(at.header, line, (secret) => {
          onMasked();
          return mark('value-line', secret);
        });
      }
      case 'count':
        if (at.left-- <= 0) return undefined;
        return masked(line, whole, any) ?? line;
      case 'manifest':
        return takeOfManifest(at, line);
    }
  };

  const close = (): void => {
    state = undefined;
    manifest = undefined;
  };

  return {
    get open() {
      return state !== undefined;
    },
    get alone() {
      return state?.kind === 'object';
    },
    begins,
    mayGoOn: (line) => line.length >= minWidth && endsInBracket(line),
    goesOn: (line, made) => {
      if (line.length < minWidth || !endsInBracket(made) || !endsInMark.test(made)) return false;
      const column = wrapping.exec(line)?.groups?.name?.length;
      return column !== undefined && open({ kind: 'wrapped', column });
    },
    take: (line) => {
      if (state === undefined) return undefined;
      if (++lines > mostLines(state)) {
        close();
        return undefined;
      }
      const made = takeOf(state, line);
      if (made !== undefined || state?.kind === 'manifest' || state?.kind === 'object') return made;
      // What a manifest held ends here; the manifest goes on.
      state = manifest;
      manifest = undefined;
      return state === undefined ? undefined : takeOf(state, line);
    },
    close,
  };
}
