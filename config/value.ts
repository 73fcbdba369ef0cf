import { globRefusal } from './glob-fault.ts';
import type { SettingKind } from './settings/setting.ts';

/** Bounds as the settings table gives them: bytes, milliseconds or plain. */
interface Limits {
  kind: SettingKind;
  min?: number;
  max?: number;
  oneOf?: readonly string[];
}

type Parsed = { value: string | number | boolean | readonly string[] } | { fault: string };

const byteUnits = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3, TiB: 1024 ** 4 } as const;
const durationUnits = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Reads one setting's value as YAML or a caller gives it; the fault says what was found and what is expected. */
export function parseValue(limits: Limits, raw: unknown): Parsed {
  switch (limits.kind) {
    case 'text':
      return typeof raw === 'string' && (limits.oneOf?.includes(raw) ?? true) ? { value: raw } : wrong(limits, raw);
    case 'texts':
    case 'globs':
      return parseTexts(limits, raw);
    case 'boolean':
      return typeof raw === 'boolean' ? { value: raw } : wrong(limits, raw);
    case 'integer':
    case 'port':
      return bounded(limits, raw, raw);
    case 'bytes':
      return bounded(limits, raw, withUnit(raw, byteUnits));
    case 'duration':
      return bounded(limits, raw, withUnit(raw, durationUnits));
  }
}

/** What a setting takes, in words: the kind, how to write it, its bounds. */
export function expectation({ kind, min, max, oneOf }: Limits): string {
  if (kind === 'text') return oneOf ? `one of ${oneOf.join(', ')}` : 'a text';
  if (kind === 'texts') return oneOf ? `a list of ${oneOf.join(', ')}` : 'a list of texts';
  if (kind === 'boolean') return 'true or false';
  if (kind === 'globs') return 'a list of globs such as /opt/app/logs/*.log';
  if (kind === 'port') return 'a port from 0 to 65535';
  const noun = {
    bytes: 'an amount of bytes such as 64MiB',
    duration: 'a duration such as 30s, 15m or 7d',
    integer: 'a whole number',
  }[kind];
  const [from, to] = [min, max].map((bound) => (bound === undefined ? undefined : formatValue(kind, bound)));
  if (from !== undefined && to !== undefined) return `${noun}, from ${from} to ${to}`;
  if (from !== undefined) return `${noun}, ${from} or more`;
  return to === undefined ? noun : `${noun}, ${to} or less`;
}

/** A value as a person would write it: `64MiB`, `15m`. */
export function formatValue(kind: SettingKind, value: string | number | boolean | readonly string[]): string {
  if (typeof value !== 'number') return typeof value === 'object' ? JSON.stringify(value) : String(value);
  if (kind === 'bytes') return largestUnit(value, byteUnits, 'B');
  if (kind === 'duration') return largestUnit(value, durationUnits, 'ms');
  return String(value);
}

/** One text alone is a list of one. */
function parseTexts(limits: Limits, raw: unknown): Parsed {
  const list: unknown[] = Array.isArray(raw) ? raw : [raw];
  const good = (item: unknown): item is string => typeof item === 'string' && (limits.oneOf?.includes(item) ?? true);
  if (!list.every(good)) return wrong(limits, raw);
  if (limits.kind === 'globs') {
    const fault = list.map((item) => ({ item, why: globRefusal(item) })).find(({ why }) => why !== undefined);
    if (fault) return { fault: `${show(fault.item)} ${fault.why}` };
  }
  return { value: Object.freeze([...list]) };
}

function bounded(limits: Limits, raw: unknown, value: unknown): Parsed {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) return wrong(limits, raw);
  const min = limits.kind === 'port' ? 0 : limits.min;
  const max = limits.kind === 'port' ? 65_535 : limits.max;
  if ((min !== undefined && value < min) || (max !== undefined && value > max)) return wrong(limits, raw);
  return { value };
}

const wrong = (limits: Limits, raw: unknown): Parsed => ({
  fault: `${show(raw)} will not do; expected ${expectation(limits)}`,
});

function show(raw: unknown): string {
  if (raw === null || raw === undefined) return 'nothing';
  const text = typeof raw === 'string' ? `"${raw}"` : (JSON.stringify(raw) ?? String(raw));
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

/** A bare number counts in the smallest unit; undefined when it is neither number nor number with a known unit. */
function withUnit(raw: unknown, units: Record<string, number>): number | undefined {
  if (typeof raw === 'number') return raw;
  const match = typeof raw === 'string' ? /^(\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(raw.trim()) : null;
  if (!match?.[1]) return undefined;
  const unit = match[2] === '' ? 1 : units[match[2] ?? ''];
  return unit === undefined ? undefined : Number(match[1]) * unit;
}

function largestUnit(value: number, units: Record<string, number>, smallest: string): string {
  let best = `${value}${smallest}`;
  if (value === 0) return best;
  for (const [name, size] of Object.entries(units)) if (value % size === 0) best = `${value / size}${name}`;
  return best;
}
