import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readLogFacets } from '../../collector/query/log-facets.ts';
import { logFilter } from '../../collector/query/log-filter.ts';
import { readLogHistogram } from '../../collector/query/log-histogram.ts';
import { readLogPage } from '../../collector/query/log-page.ts';
import { createStore } from '../../collector/store/clickhouse-store.ts';
import type { Store } from '../../collector/store/store.ts';
import { loadSettings } from '../../config/load.ts';
import { createLog } from '../../logging/log.ts';
import { machine, percentile, round } from './machine.ts';
import { logSite } from './workload/log-site.ts';
import { type NodeBatch, storeBatches } from './workload/stored-files.ts';

/**
 * How long questions about a day of logs take, through the query layer that the API asks: a word that is rare, one that
 * is not, a part of a word, a field, facets, a histogram.
 *
 * `npm run bench -- search [--records 2000000 | --full] [--rounds 7]`; `--full` is 20 million records. A quarter of a
 * million are made and come in as journal files; the others are these again, later, as the engine copies them.
 */
const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '2000000' },
    full: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '7' },
  },
});
const records = values.full ? 20_000_000 : Number(values.records);
const madeRecords = Math.min(records, 250_000);
const dayMs = 86_400_000;
const copies = Math.ceil(records / madeRecords);
/** Within one day of UTC, so that all of it lies in one partition: the worst case for a day's search. */
const fromMs = Math.floor(Date.now() / dayMs) * dayMs - dayMs;
const folder = mkdtempSync(join(tmpdir(), 'sextant-bench-'));
const settings = loadSettings({ dataDir: folder });
const store = createStore({ folder: join(folder, 'engine'), log: createLog('bench', 'error'), settings });
const range = {
  sinceUnixNano: BigInt(fromMs) * 1_000_000n,
  untilUnixNano: BigInt(fromMs + dayMs) * 1_000_000n,
};

try {
  await store.start();
  mkdirSync(join(folder, 'files'));
  const startedMs = performance.now();
  const rareWords = await fill(store);
  const secondsToFill = round((performance.now() - startedMs) / 1000, 0);
  const [stored] = (
    await store.query<{ rows: string; parts: string }>(
      "SELECT sum(rows) AS rows, count() AS parts FROM system.parts WHERE active AND table = 'otel_logs'",
    )
  ).rows;
  console.log(`${stored?.rows} records of one day in ${stored?.parts} parts, filled in ${secondsToFill} s`);
  const questions = await askAll(rareWords);
  const figures = { records: Number(stored?.rows), parts: Number(stored?.parts), questions };
  console.log(JSON.stringify({ name: 'search', machine, figures }));
} finally {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
}

/** Stores the day and returns words that few records hold. */
async function fill(into: Store): Promise<string[]> {
  const words: string[] = [];
  const site = logSite({
    nodes: 12,
    records: madeRecords,
    fromMs,
    untilMs: fromMs + dayMs / copies,
    recordsPerBatch: 500,
    onLine(_node, { body }) {
      const trace = /"trace":"([0-9a-f]{16})"/.exec(body)?.[1];
      if (trace && words.length < 400) words.push(trace);
    },
  });
  await storeBatches(into, received(site), { folder: join(folder, 'files'), signal: 'logs', fileBytes: 64e6 });
  for (let copy = 1; copy < copies; copy++) {
    const at = `toIntervalNanosecond(${copy} * ${Math.floor(dayMs / copies)}000000)`;
    await into.maintain(
      `INSERT INTO otel_logs SELECT * REPLACE (Timestamp + ${at} AS Timestamp, ReceivedAt + ${at} AS ReceivedAt, ` +
        `JournalFile + ${copy} AS JournalFile, Sequence + ${copy} * 1000000 AS Sequence) FROM ` +
        `(SELECT * FROM otel_logs WHERE Timestamp < fromUnixTimestamp64Milli(${fromMs + Math.floor(dayMs / copies)})) ` +
        'SETTINGS max_insert_block_size = 250000, min_insert_block_size_rows = 250000, min_insert_block_size_bytes = 0, max_threads = 2',
    );
  }
  return words;
}

function* received(site: Iterable<{ node: string; otlp: Buffer }>): Generator<NodeBatch> {
  for (const { node, otlp } of site) yield { node, otlp, receivedUnixMs: fromMs };
}

async function askAll(rareWords: string[]) {
  const everything = logFilter({});
  const page = (input: Parameters<typeof logFilter>[0]) =>
    readLogPage(store, { range, filter: logFilter(input), order: 'desc', limit: 100 });
  const rare = (at: number): string => rareWords[(at * 37) % rareWords.length] ?? '';
  const asked: [string, string, (at: number) => Promise<unknown>][] = [
    ['rareToken', 'a word that one line in a million holds', (at) => page({ q: rare(at) })],
    ['absentToken', 'a word that no line holds', (at) => page({ q: `absent${at}word` })],
    [
      'commonToken',
      'a word that many lines hold',
      (at) => page({ q: ['timeout', 'Accepted', 'Kerberos'][at % 3] ?? '' }),
    ],
    ['tokenAndField', 'a word and a field', () => page({ q: 'timeout service.name:sextant-agent severity:error' })],
    ['substring', 'a part of a rare word', (at) => page({ grep: rare(at).slice(3, 13) })],
    ['phrase', 'several words in a row', () => page({ q: '"entered a paused state because"' })],
    ['newest', 'the newest records, nothing asked for', () => page({})],
    [
      'facets',
      'facets of node, severity and source',
      () => readLogFacets(store, { range, filter: everything, fields: ['node', 'severity', 'source'], limit: 20 }),
    ],
    [
      'facetsOfToken',
      'the same for a common word',
      () =>
        readLogFacets(store, {
          range,
          filter: logFilter({ q: 'timeout' }),
          fields: ['node', 'severity', 'source'],
          limit: 20,
        }),
    ],
    ['histogram', 'a histogram by severity', () => readLogHistogram(store, { range, filter: everything, buckets: 60 })],
    [
      'histogramOfToken',
      'the same for a common word',
      () => readLogHistogram(store, { range, filter: logFilter({ q: 'timeout' }), buckets: 60 }),
    ],
  ];
  const found: Record<string, { what: string; p50Ms: number; p95Ms: number }> = {};
  for (const [name, what, ask] of asked) {
    const tookMs: number[] = [];
    const endAtMs = performance.now() + 20_000;
    await ask(0);
    for (let at = 1; at <= Number(values.rounds) && performance.now() < endAtMs; at++) {
      const startedAt = performance.now();
      await ask(at);
      tookMs.push(performance.now() - startedAt);
    }
    found[name] = { what, p50Ms: round(percentile(tookMs, 50), 0), p95Ms: round(percentile(tookMs, 95), 0) };
    console.log(`${what.padEnd(42)} p50 ${found[name].p50Ms} ms, p95 ${found[name].p95Ms} ms`);
  }
  return found;
}
