import type { CoverageSource } from '../../bundle/coverage.ts';
import { safeSegment } from '../../bundle/entry-path.ts';
import { ndjson } from '../../bundle/ndjson-chunks.ts';
import type { RedactionTally } from '../../bundle/redaction/profile.ts';
import { sqlFile } from '../query/sql-file.ts';
import type { TelemetryRequest } from './telemetry-logs.ts';
import { timeSlices } from './time-slices.ts';

const minutesSql = sqlFile('sql/metric-minutes.sql', import.meta.url);
const samplesSql = sqlFile('sql/metric-samples.sql', import.meta.url);
/** The engine hands an answer over in one piece; this many samples are about 8 MB. */
const samplesPerRead = 20_000;

interface Minute {
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

/** Writes the stored metrics of the window as `metrics/<node>.ndjson`, every sample as it was recorded. */
export async function writeMetrics(request: TelemetryRequest): Promise<CoverageSource[]> {
  const { store, writer, redactor, signal } = request;
  const window = { fromMs: request.fromUnixMs, untilMs: request.untilUnixMs };
  const minutes = await store.query<Minute>(minutesSql, { parameters: { ...window, nodes: request.nodes }, signal });
  const byNode = Map.groupBy(minutes.rows, (minute) => minute.node);
  const sources: CoverageSource[] = [];

  for (const node of request.nodes) {
    const masked: RedactionTally = {};
    const own = timeSlices(
      (byNode.get(node) ?? []).map((row) => ({ minuteMs: Number(row.minuteUnixMs), count: Number(row.samples) })),
      samplesPerRead,
      window,
    );
    let first: string | null = null;
    let last: string | null = null;
    const source: CoverageSource = {
      node,
      source: 'telemetry/metrics',
      state: own.length > 0 ? 'ok' : 'absent',
      bytes: 0,
      first,
      last,
      reason: own.length > 0 ? null : 'no metric was stored for the window',
      masked,
    };
    if (own.length > 0) {
      async function* samples(): AsyncGenerator<Sample> {
        for (const slice of own) {
          const parameters = { node, fromMs: slice.fromMs, untilMs: slice.untilMs };
          const { rows } = await store.query<Sample>(samplesSql, { parameters, signal });
          first ??= rows[0]?.timestamp ?? null;
          last = rows.at(-1)?.timestamp ?? last;
          yield* rows;
        }
      }
      const written = await writer.add(
        { path: `metrics/${safeSegment(redactor.node(node))}.ndjson`, modifiedMs: request.untilUnixMs },
        redactor.stream(
          ndjson(samples(), ({ histogram, monotonic, deltaSince, ...sample }) => ({
            ...sample,
            ...(sample.kind === 'sum' && { monotonic: monotonic === 1 }),
            ...(deltaSince !== '' && { deltaSince }),
            ...(histogram !== '' && { histogram: JSON.parse(histogram) }),
          })),
          masked,
        ),
      );
      Object.assign(source, { bytes: written.bytes, first, last });
    }
    sources.push(source);
    request.onProgress({ ...source });
  }
  return sources;
}
