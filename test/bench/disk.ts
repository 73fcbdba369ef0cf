import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createGzip } from 'node:zlib';
import { createStore } from '../../collector/store/clickhouse-store.ts';
import type { Store } from '../../collector/store/store.ts';
import { loadSettings } from '../../config/load.ts';
import { createLog } from '../../logging/log.ts';
import { machine, round } from './machine.ts';
import type { LogLine } from './workload/log-line.ts';
import { logSite } from './workload/log-site.ts';
import { metricSite } from './workload/metric-site.ts';
import type { Series } from './workload/series.ts';
import { type NodeBatch, storeBatches } from './workload/stored-files.ts';

/**
 * What a log record and a metric sample take on disk once they are merged, beside gzip -6 of the same as NDJSON (what
 * the API exports: one object a line, without the resource). Everything of a part counts: columns, marks, indexes.
 *
 * `npm run bench -- disk [--records 200000] [--collections 360] [--nodes 8]`: log records of 12 machines within two
 * hours; collections of all nodes at an interval of 10 s.
 */
const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '200000' },
    collections: { type: 'string', default: '360' },
    nodes: { type: 'string', default: '8' },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'sextant-bench-'));
const settings = loadSettings({ dataDir: folder });
const store = createStore({ folder: join(folder, 'engine'), log: createLog('bench', 'error'), settings });
/** The first moment of an hour, so that runs cut their samples into the same hours. */
const fromMs = Math.floor(Date.now() / 86_400_000) * 86_400_000 - 86_400_000;

interface Size {
  rows: number;
  bytes: number;
  indexBytes: number;
  columns: { name: string; bytes: number }[];
}

try {
  await store.start();
  mkdirSync(join(folder, 'files'));
  const logs = await measureLogs(Number(values.records));
  const metrics = await measureMetrics(Number(values.nodes), Number(values.collections));
  console.log(JSON.stringify({ name: 'disk', machine, figures: { logs, metrics } }));
} finally {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
}

async function measureLogs(records: number) {
  const gzip = createGzipCounter();
  const spanMs = 7_200_000;
  const lines = (node: string, line: LogLine): void =>
    gzip.add({
      timestamp: new Date(line.unixMs).toISOString(),
      node,
      severity: line.severityText.toLowerCase() || 'unset',
      body: line.body,
      service: 'sextant-agent',
      scope: line.scope,
      attributes: line.attributes,
    });
  const site = logSite({ nodes: 12, records, fromMs, untilMs: fromMs + spanMs, recordsPerBatch: 500, onLine: lines });
  let sent = 0;
  const batches = spread(site, () => {
    sent += 500;
    return fromMs + (sent * spanMs) / records;
  });
  const otlpBytes = await storeBatches(store, drained(batches, gzip), {
    folder: join(folder, 'files'),
    signal: 'logs',
    fileBytes: settings['collector.journal.closeAfterBytes'],
  });
  const { ndjsonBytes, gzipBytes } = await gzip.end();
  const size = await merged(store, ['otel_logs']);
  const perRecord = (bytes: number): number => round(bytes / size.rows, 1);
  const figures = {
    records: size.rows,
    bytesPerRecord: perRecord(size.bytes),
    textIndexBytesPerRecord: perRecord(size.indexBytes),
    gzip6BytesPerRecord: perRecord(gzipBytes),
    ndjsonBytesPerRecord: perRecord(ndjsonBytes),
    otlpBytesPerRecord: perRecord(otlpBytes),
  };
  console.log(
    `a log record: ${figures.bytesPerRecord} B on disk, ${figures.textIndexBytesPerRecord} of them text index; ` +
      `gzip -6 of its NDJSON ${figures.gzip6BytesPerRecord} B (${figures.ndjsonBytesPerRecord} B plain)`,
  );
  console.log(`  ${largest(size)}`);
  return figures;
}

async function measureMetrics(nodes: number, collections: number) {
  const gzip = createGzipCounter();
  const onSample = (node: string, series: Series, unixMs: number, value: number): void => {
    const { metric, unit, attributes } = series;
    gzip.add({ timestamp: new Date(unixMs).toISOString(), node, name: metric, unit, value, attributes });
  };
  const site = metricSite({ nodes, collections, fromMs, intervalMs: 10_000, onSample });
  let sent = 0;
  const batches = spread(site, () => {
    sent += 1;
    return fromMs + (sent * 10_000) / nodes + 40;
  });
  // A file a second in real life; 50 collections of a node make one here, and merging makes the same of both.
  await storeBatches(store, drained(batches, gzip), {
    folder: join(folder, 'files'),
    signal: 'metrics',
    fileBytes: 8e6,
  });
  const { ndjsonBytes, gzipBytes } = await gzip.end();
  const all = await merged(store, ['otel_metrics_gauge', 'otel_metrics_sum']);
  const gauges = await merged(store, ['otel_metrics_gauge']);
  const sums = await merged(store, ['otel_metrics_sum']);
  const valueBytes = all.columns.find(({ name }) => name === 'Value')?.bytes ?? 0;
  const figures = {
    samples: all.rows,
    bytesPerSample: round(all.bytes / all.rows, 2),
    valueBytesPerSample: round(valueBytes / all.rows, 2),
    bytesPerGaugeSample: round(gauges.bytes / gauges.rows, 2),
    bytesPerSumSample: round(sums.bytes / sums.rows, 2),
    gzip6BytesPerSample: round(gzipBytes / all.rows, 2),
    ndjsonBytesPerSample: round(ndjsonBytes / all.rows, 1),
  };
  console.log(
    `a sample: ${figures.bytesPerSample} B on disk, ${figures.valueBytesPerSample} of them its value ` +
      `(gauges ${figures.bytesPerGaugeSample} B, sums ${figures.bytesPerSumSample} B); gzip -6 of its NDJSON ` +
      `${figures.gzip6BytesPerSample} B (${figures.ndjsonBytesPerSample} B plain)`,
  );
  console.log(`  ${largest(all)}`);
  return figures;
}

function* spread(site: Iterable<{ node: string; otlp: Buffer }>, receivedUnixMs: () => number): Generator<NodeBatch> {
  for (const { node, otlp } of site) yield { node, otlp, receivedUnixMs: Math.floor(receivedUnixMs()) };
}

/** Lets gzip keep up after every batch, without which the text of all of them would pile up. */
function* drained(batches: Iterable<NodeBatch>, gzip: { flush(): void }): Generator<NodeBatch> {
  for (const batch of batches) {
    gzip.flush();
    yield batch;
  }
}

function createGzipCounter() {
  const gzip = createGzip({ level: 6 });
  let text = '';
  let ndjsonBytes = 0;
  let gzipBytes = 0;
  gzip.on('data', (chunk: Buffer) => {
    gzipBytes += chunk.length;
  });
  const flush = (): void => {
    const bytes = Buffer.from(text);
    text = '';
    ndjsonBytes += bytes.length;
    gzip.write(bytes);
  };
  return {
    add(row: object): void {
      text += `${JSON.stringify(row)}\n`;
    },
    flush,
    async end(): Promise<{ ndjsonBytes: number; gzipBytes: number }> {
      flush();
      gzip.end();
      await once(gzip, 'end');
      return { ndjsonBytes, gzipBytes };
    },
  };
}

/** Merges each table to one part a day and adds up what the parts take. */
async function merged(from: Store, tables: string[]): Promise<Size> {
  for (const table of tables) await from.maintain(`OPTIMIZE TABLE ${table} FINAL`);
  const parameters = { tables };
  const [sum] = (
    await from.query<{ rows: string; bytes: string; indexBytes: string }>(
      'SELECT sum(rows) AS rows, sum(bytes_on_disk) AS bytes, sum(secondary_indices_compressed_bytes) AS indexBytes ' +
        'FROM system.parts WHERE active AND table IN {tables:Array(String)}',
      { parameters },
    )
  ).rows;
  const columns = await from.query<{ name: string; bytes: string }>(
    'SELECT column AS name, sum(column_data_compressed_bytes) AS bytes FROM system.parts_columns ' +
      'WHERE active AND table IN {tables:Array(String)} GROUP BY name ORDER BY bytes DESC',
    { parameters },
  );
  return {
    rows: Number(sum?.rows),
    bytes: Number(sum?.bytes),
    indexBytes: Number(sum?.indexBytes),
    columns: columns.rows.map(({ name, bytes }) => ({ name, bytes: Number(bytes) })),
  };
}

function largest({ rows, columns }: Size): string {
  return columns
    .slice(0, 8)
    .map(({ name, bytes }) => `${name} ${round(bytes / rows, 3)}`)
    .join(', ');
}
