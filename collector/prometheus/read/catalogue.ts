import { ask, type Queries } from '../../query/ask.ts';
import { sqlFile } from '../../query/sql-file.ts';
import type { MetricIdentity } from './names.ts';

const catalogueSql = sqlFile('sql/catalogue.sql', import.meta.url);

/** A metric that had a sample in a range. */
export interface CatalogueEntry {
  metric: MetricIdentity;
  help: string;
  /** Names of the attributes that its samples had. */
  attributeNames: string[];
  /** Why it has no series here; undefined when it has. */
  unsupported: string | undefined;
}

export interface TimeSpan {
  fromMs: number;
  toMs: number;
}

/** The metrics of a range, a little wider than what was asked for. Rejects when the signal ends the wait. */
export type Catalogue = (span: TimeSpan, signal: AbortSignal) => Promise<CatalogueEntry[]>;

interface CatalogueRow {
  name: string;
  unit: string;
  kind: MetricIdentity['kind'] | 'exponential-histogram';
  isMonotonic: number;
  isDelta: number;
  help: string;
  attributeNames: string[];
}

const hourMs = 3_600_000;
/** A dashboard asks for all its panels at once: one reading serves them. */
const keptMs = 5000;
const keptRanges = 16;
/** What storage can count as time: up to the year 2262. */
const latestMs = 9_223_372_036_000;

/** Times that storage can hold. */
export const boundedSpan = ({ fromMs, toMs }: TimeSpan): TimeSpan => ({
  fromMs: Math.min(latestMs, Math.max(0, fromMs)),
  toMs: Math.min(latestMs, Math.max(0, toMs)),
});

export function createCatalogue(queries: Queries, nowMs: () => number): Catalogue {
  const kept = new Map<string, { readMs: number; entries: Promise<CatalogueEntry[]> }>();
  return (span, signal) => {
    const { fromMs, toMs } = boundedSpan(span);
    const wide = { fromMs: Math.floor(fromMs / hourMs) * hourMs, toMs: Math.ceil(toMs / hourMs) * hourMs };
    const key = `${wide.fromMs}-${wide.toMs}`;
    const known = kept.get(key);
    // A clock that was set back must not keep it any longer.
    if (known && Math.abs(nowMs() - known.readMs) < keptMs) return whileWanted(known.entries, signal);
    const entries = readCatalogue(queries, boundedSpan(wide));
    entries.catch(() => kept.delete(key));
    kept.delete(key);
    kept.set(key, { readMs: nowMs(), entries });
    for (const oldest of [...kept.keys()].slice(0, Math.max(0, kept.size - keptRanges))) kept.delete(oldest);
    return whileWanted(entries, signal);
  };
}

/** A reading serves several callers: who gives up leaves it to the others. */
function whileWanted<Value>(reading: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(signal.reason);
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    reading.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}

async function readCatalogue(queries: Queries, span: TimeSpan): Promise<CatalogueEntry[]> {
  const { rows } = await ask<CatalogueRow>(queries, catalogueSql, { parameters: { ...span } });
  return rows.map(({ name, unit, kind, isMonotonic, isDelta, help, attributeNames }) => ({
    metric: {
      name,
      unit,
      kind: kind === 'exponential-histogram' ? 'histogram' : kind,
      isMonotonic: Number(isMonotonic) === 1,
    },
    help,
    attributeNames,
    unsupported: reasonAgainst(kind, Number(isDelta) === 1),
  }));
}

function reasonAgainst(kind: CatalogueRow['kind'], isDelta: boolean): string | undefined {
  if (kind === 'exponential-histogram') return 'is an exponential histogram, and this server has no native histograms';
  return isDelta ? 'has delta temporality, and PromQL counts from cumulative series' : undefined;
}
