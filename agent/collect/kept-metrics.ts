import type { CoverageSource } from '../../bundle/coverage.ts';
import { safeSegment } from '../../bundle/entry-path.ts';
import { ndjson } from '../../bundle/ndjson-chunks.ts';
import type { RedactionTally } from '../../bundle/redaction/profile.ts';
import { type MetricPoint, metricPoints } from '../otlp/metric-points.ts';
import { type KeptRequest, keptSource, nanoTime } from './kept-telemetry.ts';

/** A sample as it stands in a volume. */
export const metricRow = ({ unixNano, ...point }: MetricPoint, node: string): object => ({
  timestamp: nanoTime(unixNano),
  node,
  ...point,
});

/** Writes this node's own metric samples of the window as `metrics/<node>.ndjson`, as a collector's bundle has them. */
export async function writeKeptMetrics(request: KeptRequest): Promise<CoverageSource> {
  const { writer, redactor, node, signal } = request;
  const masked: RedactionTally = {};
  const source = keptSource(request, 'telemetry/metrics', masked);
  const files = request.files.filter(({ stream }) => stream.startsWith('metrics'));
  const seen = request.look();
  async function* points(): AsyncGenerator<MetricPoint> {
    for (const file of files) {
      for await (const { payload } of seen.frames(file)) {
        signal.throwIfAborted();
        for (const point of seen.decoded(() => [...metricPoints(payload)])) {
          const unixMs = Number(point.unixNano / 1_000_000n);
          if (unixMs < request.fromUnixMs || unixMs >= request.untilUnixMs) continue;
          seen.record(file, point.unixNano);
          yield point;
        }
      }
    }
  }
  const rows = points();
  const first = await rows.next();
  if (!first.done) {
    async function* all(): AsyncGenerator<MetricPoint> {
      yield first.value;
      yield* rows;
    }
    const { bytes } = await writer.add(
      { path: `metrics/${safeSegment(redactor.node(node))}.ndjson`, modifiedMs: request.untilUnixMs },
      redactor.stream(
        ndjson(all(), (point) => metricRow(point, node)),
        masked,
      ),
    );
    source.bytes = bytes;
  }
  return seen.finish(source, 'no metric was kept for the window');
}
