import { ask, type Queries } from '../../query/ask.ts';
import { sqlFile } from '../../query/sql-file.ts';
import { createTurns } from '../turns.ts';
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
/** Storage answers three questions at a time; one is left to others, whatever becomes of those who asked. */
const readingsAtOnce = 2;
/** What storage can count as time: up to the year 2262. */
const latestMs = 9_223_372_036_000;

/** Times that storage can hold. */
export const boundedSpan = ({ fromMs, toMs }: TimeSpan): TimeSpan => ({
  fromMs: Math.min(latestMs, Math.max(0, fromMs)),
  toMs: Math.min(latestMs, Math.max(0, toMs)),
});

interface Reading {
  readMs: number;
  entries: Promise<CatalogueEntry[]>;
  /** Callers who have not given up. */
  waiting: number;
  /** Ends a reading that nobody waits for; does nothing to one that is there. */
  giveUp(): void;
}

export function createCatalogue(queries: Queries, nowMs: () => number): Catalogue {
  const kept = new Map<string, Reading>();
  const inTurn = createTurns(readingsAtOnce);

  function read(key: string, span: TimeSpan): Reading {
    const abort = new AbortController();
    const forget = () => {
      if (kept.get(key) === reading) kept.delete(key);
    };
    const reading: Reading = {
      readMs: nowMs(),
      entries: inTurn(abort.signal, () => readCatalogue(queries, span, abort.signal)),
      waiting: 0,
      giveUp() {
        forget();
        abort.abort();
      },
    };
    reading.entries.then(() => {
      reading.giveUp = () => {};
    }, forget);
    kept.delete(key);
    kept.set(key, reading);
    for (const oldest of [...kept.keys()].slice(0, Math.max(0, kept.size - keptRanges))) kept.delete(oldest);
    return reading;
  }

  return async (span, signal) => {
    signal.throwIfAborted();
    const { fromMs, toMs } = boundedSpan(span);
    const wide = { fromMs: Math.floor(fromMs / hourMs) * hourMs, toMs: Math.ceil(toMs / hourMs) * hourMs };
    const key = `${wide.fromMs}-${wide.toMs}`;
    const known = kept.get(key);
    // A clock that was set back must not keep it any longer.
    const isFresh = known && Math.abs(nowMs() - known.readMs) < keptMs;
    return whileWanted(isFresh ? known : read(key, boundedSpan(wide)), signal);
  };
}

/** A reading serves several callers: who gives up leaves it to the others, and the last one ends it. */
function whileWanted(reading: Reading, signal: AbortSignal): Promise<CatalogueEntry[]> {
  reading.waiting++;
  return new Promise((resolve, reject) => {
    const giveUp = () => {
      if (--reading.waiting === 0) reading.giveUp();
      reject(signal.reason);
    };
    signal.addEventListener('abort', giveUp, { once: true });
    reading.entries.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}

async function readCatalogue(queries: Queries, span: TimeSpan, signal: AbortSignal): Promise<CatalogueEntry[]> {
  const { rows } = await ask<CatalogueRow>(queries, catalogueSql, { parameters: { ...span }, signal });
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
