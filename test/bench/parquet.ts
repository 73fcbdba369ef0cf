import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openVolume } from '../../bundle/open-volume.ts';
import { createThreadedFirstPass } from '../../bundle/redaction/first-pass/threaded-first-pass.ts';
import { createRedactor } from '../../bundle/redaction/redactor.ts';
import { createParquetCopies } from '../../collector/bundles/parquet/parquet-copies.ts';
import { writeTelemetryVolume } from '../../collector/bundles/telemetry-volume.ts';
import { createStore } from '../../collector/store/clickhouse-store.ts';
import { loadSettings } from '../../config/load.ts';
import { freeBytes } from '../../durable/free-space.ts';
import { createLog } from '../../logging/log.ts';
import { demandCollectorFlags } from './collector-flags.ts';
import { machine, round } from './machine.ts';
import { logSite } from './workload/log-site.ts';
import { metricSite } from './workload/metric-site.ts';
import { storeBatches } from './workload/stored-files.ts';

// What Parquet beside the lines costs a telemetry volume: bytes in the volume, processor time, resident memory. Without and
// with it in turns, in one process with the collector's flags; the first round of both, in which code is not compiled yet,
// is not counted. The engine takes part in both: it is where the records come from.
//   npm run bench -- parquet [--records 300000] [--collections 720] [--nodes 4] [--rounds 2]

demandCollectorFlags();

const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '300000' },
    collections: { type: 'string', default: '720' },
    nodes: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '2' },
  },
});
const nodes = Number(values.nodes);
const folder = mkdtempSync(join(tmpdir(), 'sextant-bench-'));
const settings = loadSettings({ dataDir: folder });
const store = createStore({ folder: join(folder, 'engine'), log: createLog('bench', 'error'), settings, asItIs: true });
const fromMs = Math.floor(Date.now() / 86_400_000) * 86_400_000 - 86_400_000;
const names = new Set<string>();
const onFailed = (error: unknown): never => {
  throw error;
};
const controlPlane = { probes: [], certificates: [], readiness: [] };

interface Round {
  cpuSeconds: number;
  /** Highest of the round. */
  residentMB: number;
  /** Of the entries in the volume: as they are, and packed. */
  bytes: Record<string, number>;
  packed: Record<string, number>;
}

const residentMB = (field: 'VmRSS' | 'VmHWM'): number =>
  Math.round(Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024);

async function writeOnce(withParquet: boolean, name: string): Promise<Round> {
  const out = join(folder, name);
  mkdirSync(out);
  const { signal } = new AbortController();
  const redactor = createRedactor({
    key: Buffer.alloc(32, 1),
    profile: 'standard',
    firstPass: createThreadedFirstPass,
  });
  const options = { scratch: join(out, 'scratch'), minFreeBytes: 0, signal };
  // Forgets the highest until now.
  writeFileSync('/proc/self/clear_refs', '5');
  const cpu = process.cpuUsage();
  const parquet = withParquet ? createParquetCopies({ engine: store.local, freeBytes, onFailed }, options) : undefined;
  const { volumes, sources } = await writeTelemetryVolume({
    ...{ folder: out, store, redactor, nodes: [], streams: [...names], peers: [], limits: {}, parquet, signal },
    ...{ fromUnixMs: fromMs, untilUnixMs: fromMs + 86_400_000, onProgress: () => {}, quarantined: [], dropped: [] },
    enrolledMs: () => undefined,
    records: { alerts: [], inventories: [], configuration: {}, audit: [], auditEntries: 0, controlPlane },
    nowMs: Date.now,
  });
  await parquet?.close();
  const used = process.cpuUsage(cpu);
  const highest = residentMB('VmHWM');
  await redactor.close();
  const short = sources.filter(({ state }) => state === 'failed' || state === 'partial');
  if (short.length > 0) throw new Error(`${short[0]?.source}: ${short[0]?.reason}`);
  const bytes: Record<string, number> = {};
  const packed: Record<string, number> = {};
  for (const { path } of volumes) {
    for await (const entry of openVolume(path)) {
      const below = /^(?:parquet\/)?[a-z]+/.exec(entry.path)?.[0] ?? '';
      bytes[below] = (bytes[below] ?? 0) + entry.bytes;
      packed[below] = (packed[below] ?? 0) + entry.compressedBytes;
    }
  }
  rmSync(out, { recursive: true });
  return { cpuSeconds: (used.user + used.system) / 1e6, residentMB: highest, bytes, packed };
}

try {
  await store.start();
  const files = join(folder, 'files');
  mkdirSync(files);
  const told = function* (site: Iterable<{ node: string; otlp: Buffer }>) {
    for (const { node, otlp } of site) {
      names.add(node);
      yield { node, otlp, receivedUnixMs: fromMs };
    }
  };
  const span = { fromMs, untilMs: fromMs + 7_200_000 };
  const logs = logSite({ nodes, records: Number(values.records), ...span, recordsPerBatch: 500 });
  await storeBatches(store, told(logs), { folder: files, signal: 'logs', fileBytes: 8e6 });
  const metrics = metricSite({ nodes, collections: Number(values.collections), fromMs, intervalMs: 10_000 });
  await storeBatches(store, told(metrics), { folder: files, signal: 'metrics', fileBytes: 8e6 });

  const rounds: Record<'without' | 'with', Round[]> = { without: [], with: [] };
  for (let at = 0; at <= Number(values.rounds); at++) {
    for (const how of ['without', 'with'] as const) {
      const one = await writeOnce(how === 'with', `${how}-${at}`);
      console.log(how.padEnd(8), `${one.cpuSeconds.toFixed(1)} CPU-s, ${one.residentMB} MB resident at most`);
      if (at > 0) rounds[how].push(one);
    }
  }
  const mean = (of: readonly Round[], what: (one: Round) => number): number =>
    of.reduce((sum, one) => sum + what(one), 0) / of.length;
  const [last] = rounds.with;
  const textMB = ((last?.bytes.logs ?? 0) + (last?.bytes.metrics ?? 0)) / 1e6;
  const without = mean(rounds.without, (one) => one.cpuSeconds);
  const withIt = mean(rounds.with, (one) => one.cpuSeconds);
  const share = (kind: string): number =>
    round((last?.packed[`parquet/${kind}`] ?? 0) / (last?.packed[kind] ?? Number.NaN), 3);
  const megabytes = (of: Record<string, number> | undefined): Record<string, number> =>
    Object.fromEntries(Object.entries(of ?? {}).map(([name, size]) => [name, round(size / 1e6, 1)]));
  const figures = {
    textMB: round(textMB, 1),
    ...{ contentMB: megabytes(last?.bytes), packedMB: megabytes(last?.packed) },
    packedToPackedLines: { logs: share('logs'), metrics: share('metrics') },
    ...{ cpuSecondsWithout: round(without, 1), cpuSecondsWith: round(withIt, 1) },
    cpuMsPerMBOfText: round(((withIt - without) * 1000) / textMB, 1),
    residentMBWithout: Math.max(...rounds.without.map((one) => one.residentMB)),
    residentMBWith: Math.max(...rounds.with.map((one) => one.residentMB)),
  };
  for (const [name, value] of Object.entries(figures)) console.log(name.padEnd(22), JSON.stringify(value));
  console.log(JSON.stringify({ name: 'parquet', machine, figures }));
} finally {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
}
