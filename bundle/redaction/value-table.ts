import { wholeMark } from './fingerprint.ts';
import { isSecretValue, secretFieldName } from './rule.ts';

/** A cell of a row: from where to where it stands in its line. */
type Cell = [start: number, end: number];
/** Where the columns of a header begin, or what stands between them. */
export interface TableHeader {
  /** Indices of the columns that hold secrets. */
  secrets: number[];
  columns: number;
  /** Undefined where blanks stand between columns: `starts` says where each begins. */
  separator: string | undefined;
  starts: number[];
  /** A line of dashes has to follow, or has followed. */
  ruled: boolean;
}

/** Words and blanks alone: what a header is made of. */
const wordsOnly = /^[ \t]*[A-Za-z_][A-Za-z0-9_. \t-]*$/;
const piped = /^[ \t]*\|?[ \t]*[A-Za-z_][A-Za-z0-9_. -]*(?:[ \t]*\|[ \t]*[A-Za-z_][A-Za-z0-9_. -]*)+\|?[ \t]*$/;
const listed =
  /^(?:"[A-Za-z_][A-Za-z0-9_. -]{0,60}"|[A-Za-z_][A-Za-z0-9_.-]{0,60})(?:([,;\t])(?:"[A-Za-z_][A-Za-z0-9_. -]{0,60}"|[A-Za-z_][A-Za-z0-9_.-]{0,60}))+$/;
const rule = /^[ \t]*[+|]?[-=]{2,}[-=+| \t]*$/;
const maxHeader = 2048;
/** A number of fewer digits is a count, also below `token`. */
const isCount = (text: string): boolean => /^[-+]?\d{1,5}$|^[-+]?\d*[.,]\d+$/.test(text);

const withoutEnd = (line: string): string => line.replace(/[\r\n]+$/, '');
const isSecretColumn = (name: string): boolean => secretFieldName.test(name.trim().replace(/^"|"$/g, ''));
const secretsAmong = (names: readonly string[]): number[] =>
  names.flatMap((name, at) => (isSecretColumn(name) ? [at] : []));

/** Reads a line as the header of a table in which a column holds secrets; undefined for any other line. */
export function tableHeader(whole: string): TableHeader | undefined {
  if (whole.length > maxHeader) return undefined;
  const line = withoutEnd(whole);
  const separator = listed.exec(line)?.[1];
  if (separator !== undefined) {
    const names = line.split(separator);
    const secrets = secretsAmong(names);
    return secrets.length > 0 && secrets.length < names.length
      ? { secrets, columns: names.length, separator, starts: [], ruled: true }
      : undefined;
  }
  if (piped.test(line)) {
    const names = line.split('|');
    const secrets = secretsAmong(names);
    return secrets.length > 0
      ? { secrets, columns: names.length, separator: '|', starts: [], ruled: false }
      : undefined;
  }
  if (!wordsOnly.test(line)) return undefined;
  const starts = [...line.matchAll(/[^ \t]+/g)].map(({ index }) => index);
  const names = line.trim().split(/[ \t]+/);
  const secrets = secretsAmong(names);
  return secrets.length > 0 && names.length > 1
    ? { secrets, columns: names.length, separator: undefined, starts, ruled: false }
    : undefined;
}

/** Takes the line of dashes below a header; undefined when it is none. PowerShell's say where the columns begin. */
export function ruledTable(header: TableHeader, whole: string): TableHeader | undefined {
  const line = withoutEnd(whole);
  if (!rule.test(line)) return undefined;
  const dashes = [...line.matchAll(/[-=]+/g)];
  if (header.separator !== undefined) return { ...header, ruled: true };
  if (dashes.length < 2 || dashes.length > header.columns) return undefined;
  // A name of several words is one column: its words stand above one run of dashes.
  const starts = dashes.map(({ index }) => index);
  const secrets = new Set(
    header.secrets.map((at) => starts.findLastIndex((start) => start <= (header.starts[at] as number))),
  );
  return { ...header, secrets: [...secrets], columns: starts.length, starts, ruled: true };
}

function cellsBetween(line: string, separator: string): Cell[] {
  const cells: Cell[] = [];
  let start = 0;
  let inQuotes = false;
  for (let at = 0; at <= line.length; at++) {
    if (line[at] === '"') inQuotes = !inQuotes;
    if (at < line.length && (inQuotes || line[at] !== separator)) continue;
    cells.push([start, at]);
    start = at + 1;
  }
  return cells;
}

function cellsBelow(line: string, { starts, columns }: TableHeader): Cell[] {
  const words = [...line.matchAll(/[^ \t]+/g)].map(({ index, 0: word }): Cell => [index, index + word.length]);
  // What stands for a name has another length: as many words as columns are told by their number.
  if (words.length === columns) return words;
  return starts.map((start, at): Cell => {
    const word = words.find(([begin]) => begin === start);
    const next = starts[at + 1];
    return word && (next === undefined || word[1] < next) ? word : [start, start];
  });
}

/** A row with marks in the place of its secrets; undefined when it is none of this table. */
export function maskedRow(header: TableHeader, whole: string, mask: (secret: string) => string): string | undefined {
  const line = withoutEnd(whole);
  if (line.trim() === '') return undefined;
  if (/\[masked:value-line:[0-9a-f]{8}\]/.test(line) || rule.test(line)) return whole;
  const cells = header.separator === undefined ? cellsBelow(line, header) : cellsBetween(line, header.separator);
  if (cells.length !== header.columns) return undefined;
  let made = line;
  for (const index of [...header.secrets].sort((a, b) => b - a)) {
    const [start, end] = cells[index] as Cell;
    const text = line.slice(start, end);
    const before = /^[ \t]*"?/.exec(text)?.[0].length ?? 0;
    const value = text.slice(before).replace(/"?[ \t]*$/, '');
    if (value === '' || wholeMark.test(value) || isCount(value) || !isSecretValue(value)) continue;
    // A sentence in a table of a manual.
    if (header.separator === '|' && value.includes(' ')) continue;
    made = made.slice(0, start + before) + mask(value) + made.slice(start + before + value.length);
  }
  return made + whole.slice(line.length);
}
