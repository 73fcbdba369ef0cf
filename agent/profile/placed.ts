/** Where a value was written. */
export interface Origin {
  /** Path as a person would name it; `default` for what no file says. */
  file: string;
  /** From 1; 0 for defaults. */
  line: number;
}

/** A value that knows, down to its leaves, where each part of it was written. */
export type Placed =
  | { kind: 'map'; origin: Origin; entries: Map<string, Placed> }
  | { kind: 'list'; origin: Origin; items: Placed[] }
  | { kind: 'leaf'; origin: Origin; value: string | number | boolean | null };

/** Gives every part of a plain value the same origin. */
export function place(value: unknown, origin: Origin): Placed {
  if (Array.isArray(value)) return { kind: 'list', origin, items: value.map((item) => place(item, origin)) };
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, item]) => [key, place(item, origin)] as const);
    return { kind: 'map', origin, entries: new Map(entries) };
  }
  return { kind: 'leaf', origin, value: value as string | number | boolean | null };
}

/** The value alone. */
export function plain(placed: Placed): unknown {
  if (placed.kind === 'leaf') return placed.value;
  if (placed.kind === 'list') return placed.items.map(plain);
  return Object.fromEntries([...placed.entries].map(([key, item]) => [key, plain(item)]));
}

/** Where a path's value, or its nearest parent that is there, was written. */
export function originOf(placed: Placed, path: readonly string[]): Origin {
  const [key, ...rest] = path;
  if (key === undefined) return placed.origin;
  const child =
    placed.kind === 'map' ? placed.entries.get(key) : placed.kind === 'list' ? placed.items[Number(key)] : undefined;
  return child ? originOf(child, rest) : placed.origin;
}
