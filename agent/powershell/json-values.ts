/**
 * What `ConvertTo-Json` of Windows PowerShell 5.1 and of PowerShell 7 makes of objects: a list of one may be no list,
 * enumerations are numbers or names, times are `/Date(…)/` or ISO text, 64-bit numbers may be text. Each function
 * gives undefined for what is not there or not of its kind: unknown is never zero.
 */
export type Row = Readonly<Record<string, unknown>>;

/** Objects of a list, of a single object, or of 5.1's `{ "value": […], "Count": n }`. */
export function rows(value: unknown): Row[] {
  if (Array.isArray(value)) return value.filter(isRow);
  if (!isRow(value)) return [];
  if (Array.isArray(value.value) && 'Count' in value) return value.value.filter(isRow);
  return Object.keys(value).length > 0 ? [value] : [];
}

const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null && !Array.isArray(value);

export function text(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  return typeof value === 'number' ? String(value) : undefined;
}

/** Texts of a list or of one text. */
export function texts(value: unknown): string[] {
  const list = isRow(value) && Array.isArray(value.value) ? value.value : Array.isArray(value) ? value : [value];
  return list.flatMap((item) => text(item) ?? []);
}

export function number(value: unknown): number | undefined {
  const read = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof read === 'number' && Number.isFinite(read) ? read : undefined;
}

export function flag(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string') return undefined;
  return value.toLowerCase() === 'true' ? true : value.toLowerCase() === 'false' ? false : undefined;
}

/** 8.64e15: what a Date can be. */
const lastMs = 8_640_000_000_000_000;

/** Milliseconds since 1970 of `/Date(1700000000000)/`, ISO text, or 5.1's `{ "value": …, "DateTime": … }`. */
export function unixMs(value: unknown): number | undefined {
  if (isRow(value)) return unixMs(value.value);
  if (typeof value !== 'string') return undefined;
  const ticks = /^\/Date\((-?\d+)(?:[+-]\d{4})?\)\/$/.exec(value)?.[1];
  const ms = ticks === undefined ? Date.parse(value) : Number(ticks);
  // Year 1 is how .NET writes "never"; beyond the last there is no date.
  return ms > 0 && ms <= lastMs ? ms : undefined;
}

/** Name of an enumeration's value, which may come as number, name, or `{ "value": n, "Value": "name" }`. */
export function enumName(value: unknown, names: Readonly<Record<number, string>>): string | undefined {
  if (isRow(value)) return text(value.Value) ?? enumName(value.value, names);
  if (typeof value === 'number') return names[value] ?? `Unknown (${value})`;
  const read = text(value);
  return read !== undefined && /^\d+$/.test(read) ? (names[Number(read)] ?? `Unknown (${read})`) : read;
}
