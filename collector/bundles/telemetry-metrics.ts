import type { CoverageGap, CoverageSource } from '../../bundle/coverage.ts';
import { safeSegment } from '../../bundle/entry-path.ts';
import { ndjson } from '../../bundle/ndjson-chunks.ts';
import type { RedactionTally } from '../../bundle/redaction/profile.ts';
import type { BundleRecords } from '../api/shapes/bundles.ts';
import { sqlFile } from '../query/sql-file.ts';
import { counted as countedBytes } from './counted.ts';
import { metricSequenceGaps } from './metric-sequence-gaps.ts';
import { copiesSource } from './parquet/copies-source.ts';
import type { ParquetCopy } from './parquet/parquet-copies.ts';
import { metricSilence, noteGaps, silences } from './silences.ts';
import { type Limited, noteLeftOut, withinLimit } from './telemetry-limit.ts';
import { knownWindow, type TelemetryRequest } from './telemetry-logs.ts';
import { lookAtMetrics } from './telemetry-look.ts';
import { timeSlices } from './time-slices.ts';

const minutesSql = sqlFile('sql/metric-minutes.sql', import.meta.url);
const samplesSql = sqlFile('sql/metric-samples.sql', import.meta.url);
/** The engine hands an answer over in one piece; this many samples are about 8 MB. */
const samplesPerRead = 20_000;
const piecesPerLook = 4;

export interface MetricMinute {
  node: string;
  minuteUnixMs: string | number;
  samples: string | number;
}

interface Sample {
  timestamp: string;
  node: string;
  name: string;
  kind: string;
  value: number;
  unit: string;
  attributes: Record<string, string>;
  /** JSON; empty for gauges and sums. */
  histogram: string;
  /** Of a sum: 1 when it only grows. */
  monotonic: number;
  /** Where what a delta counts begins; empty for what is cumulative. */
  deltaSince: string;
}

/** How many samples of which node there are in each minute of the window. */
export async function readMetricMinutes(
  request: Pick<TelemetryRequest, 'store' | 'fromUnixMs' | 'untilUnixMs' | 'signal'> & { nodes: readonly string[] },
): Promise<MetricMinute[]> {
  const { fromUnixMs: fromMs, untilUnixMs: untilMs, nodes, signal } = request;
  const { rows } = await request.store.query<MetricMinute>(minutesSql, {
    parameters: { fromMs, untilMs, nodes },
    signal,
  });
  return rows;
}

/** Every sample of one node in a short range, oldest first. */
export async function readSamples(
  { store, signal }: Pick<TelemetryRequest, 'store' | 'signal'>,
  parameters: { node: string; fromMs: number; untilMs: number },
): Promise<Sample[]> {
  const { rows } = await store.query<Sample>(samplesSql, { parameters, signal });
  return rows;
}

/** As one line of the volume. */
export const sampleLine = ({ histogram, monotonic, deltaSince, ...sample }: Sample) => ({
  ...sample,
  ...(sample.kind === 'sum' && { monotonic: monotonic === 1 }),
  ...(deltaSince !== '' && { deltaSince }),
  ...(histogram !== '' && { histogram: JSON.parse(histogram) }),
});

/** A sample that stands for those that were left out: whatever reads the file reads it as one of them. */
const cutSample = (node: string, { mark, untilMs, records }: NonNullable<Limited<unknown>['leftOut']>): Sample => ({
  ...{ timestamp: new Date(untilMs).toISOString(), node, name: 'sextant.bundle.cut', kind: 'gauge', value: records },
  ...{ unit: '{sample}', attributes: { why: mark }, histogram: '', monotonic: 0, deltaSince: '' },
});

/** Writes the stored metrics of the window as `metrics/<node>.ndjson`, every sample as it was recorded. */
export async function writeMetrics(request: TelemetryRequest): Promise<CoverageSource[]> {
  const { writer, redactor } = request;
  const window = { fromMs: request.fromUnixMs, untilMs: request.untilUnixMs };
  const byNode = Map.groupBy(await readMetricMinutes(request), (minute) => minute.node);
  const sources: CoverageSource[] = [];
  let lost: Map<string, CoverageGap[]> | undefined;
  let unknown: string | null = null;
  try {
    lost = await metricSequenceGaps([...byNode.keys()], request);
  } catch (error) {
    request.signal.throwIfAborted();
    unknown = `whether numbered batches are missing is not known: ${(error as Error).message.slice(0, 200)}`;
  }

  for (const node of request.nodes) {
    const masked: RedactionTally = {};
    const minutes = byNode.get(node) ?? [];
    const counted = minutes.map((row) => ({ minuteMs: Number(row.minuteUnixMs), count: Number(row.samples) }));
    const limited = await withinLimit(counted, request.limits.metrics, 'samples', () =>
      lookAtMetrics(request, node, minutes, piecesPerLook),
    );
    const own = timeSlices(limited.kept, samplesPerRead, window);
    let first: string | null = null;
    let last: string | null = null;
    const source: CoverageSource = {
      node,
      source: 'telemetry/metrics',
      state: minutes.length > 0 ? 'ok' : 'absent',
      bytes: 0,
      first,
      last,
      reason: minutes.length > 0 ? unknown : 'no metric was stored for the window',
      masked,
    };
    noteLeftOut(source, limited);
    let copy: ParquetCopy | undefined;
    const records: BundleRecords = { count: 0, of: 'samples' };
    if (minutes.length > 0) {
      async function* samples(): AsyncGenerator<Sample> {
        if (limited.leftOut) yield cutSample(node, limited.leftOut);
        for (const slice of own) {
          const read = await readSamples(request, { node, fromMs: slice.fromMs, untilMs: slice.untilMs });
          // Of the oldest minute that is kept only the newest samples may fit.
          const rows = limited.leftOut ? read.slice(-slice.count) : read;
          first ??= rows[0]?.timestamp ?? null;
          last = rows.at(-1)?.timestamp ?? last;
          yield* rows;
          records.count += rows.length;
          request.onProgress({ ...source }, 'running', { ...records });
        }
      }
      const path = `metrics/${safeSegment(redactor.node(node))}`;
      const content = countedBytes(redactor.stream(ndjson(samples(), sampleLine), masked), (more) => {
        source.bytes += more;
      });
      request.onProgress({ ...source }, 'running');
      copy = request.parquet?.begin({ kind: 'metrics', path, modifiedMs: request.untilUnixMs });
      const written = await writer.add(
        { path: `${path}.ndjson`, modifiedMs: request.untilUnixMs },
        copy?.of(content) ?? content,
      );
      Object.assign(source, { bytes: written.bytes, first, last });
    }
    const active = counted.map(({ minuteMs }) => ({ firstMs: minuteMs, lastMs: minuteMs + 60_000 }));
    noteGaps(source, [
      ...(lost?.get(node) ?? []),
      ...silences(active, knownWindow(node, request), metricSilence, 'metrics were'),
    ]);
    sources.push(source);
    request.onProgress({ ...source }, undefined, minutes.length > 0 ? records : undefined);
    if (!copy) continue;
    const copies = copiesSource('metrics', source, [{ what: '', ...(await copy.finish(writer)) }]);
    sources.push(copies);
    request.onProgress(copies);
  }
  return sources;
}
