import type { CoverageSource } from '../../bundle/coverage.ts';
import { ndjson } from '../../bundle/ndjson-chunks.ts';
import { entryOverheadBytes, packedShare } from '../../bundle/packed-share.ts';
import type { Redactor } from '../../bundle/redaction/redactor.ts';
import { logRecords } from '../otlp/log-records.ts';
import { metricPoints } from '../otlp/metric-points.ts';
import type { KeptFile } from './kept-file.ts';
import { inWindow, logRow } from './kept-logs.ts';
import { metricRow } from './kept-metrics.ts';
import type { Look } from './kept-telemetry.ts';

interface KeptSizeRequest {
  node: string;
  files: readonly KeptFile[];
  redactor: Redactor;
  fromUnixMs: number;
  untilUnixMs: number;
  signal: AbortSignal;
  look: Look;
}

/** What one of a node's two kinds of telemetry would take, and how that was found out. */
export interface KeptSize {
  /** `bytes` as they would be written; the state and the reason are those of a bundle. */
  source: CoverageSource;
  packedBytes: number;
  exact: boolean;
}

/** Batches whose records are written to see; of more, every other one is dropped, so that they lie evenly over the window. */
const mostSamples = 64;
const hourNano = 3_600_000_000_000n;

interface Sample {
  records: number;
  text: Buffer;
}

/** How much the kept log records of the window would take: all are counted, those of some batches are written to see. */
export const sizeKeptLogs = (request: KeptSizeRequest): Promise<KeptSize> =>
  sizeKept(request, {
    ...{ source: 'telemetry/logs', none: 'nothing was logged in the window' },
    wants: (stream) => !stream.startsWith('metrics'),
    read: logRecords,
    row: (record) => logRow(record, request.node),
    entryOf: ({ scope, unixNano }) => `${scope}\n${unixNano / hourNano}`,
  });

/** How much the kept metric samples of the window would take. */
export const sizeKeptMetrics = (request: KeptSizeRequest): Promise<KeptSize> =>
  sizeKept(request, {
    ...{ source: 'telemetry/metrics', none: 'no metric was kept for the window' },
    wants: (stream) => stream.startsWith('metrics'),
    read: metricPoints,
    row: (point) => metricRow(point, request.node),
    entryOf: () => '',
  });

async function sizeKept<Item extends { unixNano: bigint }>(
  request: KeptSizeRequest,
  what: {
    source: string;
    none: string;
    wants(stream: string): boolean;
    read(payload: Buffer): Iterable<Item>;
    row(item: Item): unknown;
    entryOf(item: Item): string;
  },
): Promise<KeptSize> {
  const { redactor, signal, look } = request;
  const entries = new Set<string>();
  const samples: Sample[] = [];
  let records = 0;
  let batches = 0;
  let every = 1;
  for (const file of request.files.filter(({ stream }) => what.wants(stream))) {
    for await (const { payload } of look.frames(file)) {
      signal.throwIfAborted();
      const inside = look.decoded(() => [...what.read(payload)]).filter(({ unixNano }) => inWindow(unixNano, request));
      if (inside.length === 0) continue;
      for (const item of inside) {
        look.record(file, item.unixNano);
        entries.add(what.entryOf(item));
      }
      records += inside.length;
      if (batches % every === 0) {
        samples.push({ records: inside.length, text: await written(inside, what.row, redactor) });
        if (samples.length > mostSamples) {
          samples.splice(0, samples.length, ...samples.filter((_, at) => at % 2 === 0));
          every *= 2;
        }
      }
      batches += 1;
    }
  }
  const sum = (of: (sample: Sample) => number): number => samples.reduce((total, sample) => total + of(sample), 0);
  const sampled = sum((sample) => sample.records);
  const bytes = sampled === 0 ? 0 : Math.round((sum(({ text }) => text.length) * records) / sampled);
  const named = { node: request.node, source: what.source, first: null, last: null, reason: null };
  const finished = look.finish({ ...named, state: 'ok', bytes, masked: {} }, what.none);
  const unit = what.source === 'telemetry/metrics' ? 'samples' : 'records';
  return {
    source: { ...finished, reason: finished.reason ?? `${records} ${unit}` },
    // The batches of one scope and hour lie in one entry, and are packed together.
    packedBytes:
      Math.round(bytes * packedShare([Buffer.concat(samples.map(({ text }) => text))])) +
      entries.size * entryOverheadBytes,
    exact: sampled === records,
  };
}

async function written<Item>(
  items: readonly Item[],
  row: (item: Item) => unknown,
  redactor: Redactor,
): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of redactor.stream(ndjson(items, row), {})) parts.push(part);
  return Buffer.concat(parts);
}
