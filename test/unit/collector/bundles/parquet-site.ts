import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { CoverageSource } from '../../../../bundle/coverage.ts';
import { openVolume } from '../../../../bundle/open-volume.ts';
import type { RedactionProfile } from '../../../../bundle/redaction/profile.ts';
import { createRedactor } from '../../../../bundle/redaction/redactor.ts';
import { type CopiesOptions, createParquetCopies } from '../../../../collector/bundles/parquet/parquet-copies.ts';
import { writeTelemetryVolume } from '../../../../collector/bundles/telemetry-volume.ts';
import type { BundleLogLine, BundleSampleLine } from '../../../../collector/case/bundle-lines.ts';
import { createRecordNames, logsRequest, metricsRequest } from '../../../../collector/case/otlp-from-lines.ts';
import type { LocalEngine } from '../../../../collector/store/store.ts';
import { openStore, testDayMs } from '../store/open-store.ts';

const beginMs = testDayMs;
const node = 'node-1';

/** Secrets and names, and what could be taken for the syntax of a line. */
const bodies = [
  'Server=db;User Id=sa;Password=hunter2',
  'connection from 10.1.2.3 by node-1.corp.example refused',
  'got 8fK2mQz91LxWc04TnRbY7uVeHs3JpAdG back',
  'GET https://x.example/y?id=17&q=z took {"a":[1]}\n and a second line\t"quoted" \\ \u0000 \u2028 größe 漢字 🐘',
  '',
];

const time = (atMs: number, nanos: number): string =>
  `${new Date(beginMs + atMs).toISOString().slice(0, -1)}${String(nanos % 1e6).padStart(6, '0')}Z`;

/** What stands in the volumes of a round, and what coverage says of it. */
export interface Made {
  entries: Map<string, Buffer>;
  sources: CoverageSource[];
  /** What the copies left on disk. */
  left: string[];
  /** What the copies told of failures. */
  failures: { error: unknown; kind: string; path: string }[];
}

/** A store whose one node has 400 samples and 400 records in one scope, 20 in another; and telemetry volumes made of it. */
export async function openParquetSite() {
  const site = await openStore();
  const doubles = fc.sample(fc.double({ noNaN: true, noDefaultInfinity: true }), { numRuns: 400, seed: 7 });
  const texts = fc.sample(fc.string({ unit: 'grapheme' }), { numRuns: 400, seed: 7 });
  const samples = [Number.NaN, ...doubles.slice(1)].map((value, at): BundleSampleLine => {
    const common = { timestamp: time(at * 100, at * 7919), node, unit: at % 2 === 0 ? '1' : 'By' };
    const attributes = { 'disk.name': `sd${at % 5}`, 'host.name': 'node-1.corp.example', text: texts[at] ?? '' };
    const one = { ...common, attributes, value, monotonic: at % 4 === 1, name: `metric.${at % 7}` };
    if (at % 3 === 0) return { ...one, kind: 'gauge' };
    if (at % 3 === 1) return { ...one, kind: 'sum', ...(at % 2 === 0 && { deltaSince: time(at * 100 - 50, at) }) };
    const histogram = { count: 6, bounds: [0.1, Math.PI], counts: [1, 2, 3] };
    return { ...one, kind: 'histogram', value: Math.abs(value), histogram };
  });
  const logs = texts.map(
    (text, at): BundleLogLine => ({
      timestamp: time(at * 100, at * 104_729),
      ...{ node, severity: 'info', body: bodies[at % 7] ?? text },
      attributes: { 'log.file.path': `/var/log/${at % 3}.log`, 'user.name': 'jdoe', [`k${at % 5}`]: text },
      ...(at % 5 === 0 && { resource: { 'cloud.region': 'north' } }),
      ...(at % 6 === 0 && { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }),
      ...(at % 8 === 0 && { eventName: 'device.changed' }),
    }),
  );
  await site.store.insertJournalFile(site.writeFile('metrics', [metricsRequest(samples)]));
  for (const [scope, own] of [['journald', logs] as const, ['app files', logs.slice(0, 20)] as const]) {
    const named = own.map((line) => ({ ...line, attributes: { ...line.attributes, 'otel.scope.name': scope } }));
    const request = logsRequest(named, createRecordNames());
    await site.store.insertJournalFile(site.writeFile('logs', [request]));
  }
  let rounds = 0;
  const make = async (
    profile: RedactionProfile,
    { engine = site.store.local, ...over }: Partial<CopiesOptions> & { engine?: LocalEngine } = {},
  ): Promise<Made> => {
    const folder = join(site.folder, `round-${++rounds}`);
    mkdirSync(folder);
    const signal = new AbortController().signal;
    const redactor = createRedactor({
      ...{ key: Buffer.alloc(32, 1), profile },
      names: [
        { kind: 'host', name: node },
        { kind: 'user', name: 'jdoe' },
      ],
    });
    const failures: Made['failures'] = [];
    const parquet = createParquetCopies(
      { engine, freeBytes: async () => 2 ** 40, onFailed: (error, lines) => failures.push({ error, ...lines }) },
      { scratch: join(folder, 'scratch'), minFreeBytes: 0, signal, ...over },
    );
    const written = writeTelemetryVolume({
      ...{ folder, store: site.store, redactor, nodes: [node], streams: [node], peers: [], limits: {}, parquet },
      signal: over.signal ?? signal,
      ...{ fromUnixMs: beginMs, untilUnixMs: beginMs + 3_600_000, onProgress: () => {}, quarantined: [], dropped: [] },
      enrolledMs: () => undefined,
      records: { alerts: [], inventories: [], configuration: {}, audit: [], auditEntries: 0, controlPlane: undefined },
      nowMs: () => beginMs,
    });
    const { volumes, sources } = await written.finally(parquet.close);
    await redactor.close();
    const entries = new Map<string, Buffer>();
    for (const { path } of volumes) {
      for await (const entry of openVolume(path)) {
        const chunks: Buffer[] = [];
        for await (const chunk of await entry.content()) chunks.push(chunk as Buffer);
        entries.set(entry.path, Buffer.concat(chunks));
      }
    }
    const left = readdirSync(folder).filter((name) => !name.endsWith('.zip'));
    return { entries, sources, left, failures };
  };
  return {
    make,
    local: site.store.local,
    /** Where the last round was made. */
    newest: () => join(site.folder, `round-${rounds}`),
    close: site.close,
  };
}

/** Entries below a folder. */
export const parts = ({ entries }: Made, below: string): Buffer[] =>
  [...entries].filter(([path]) => path.startsWith(`${below}/`)).map(([, content]) => content);

export const linesOf = (contents: readonly Buffer[]): Record<string, unknown>[] =>
  contents.flatMap((content) =>
    content
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line)),
  );
