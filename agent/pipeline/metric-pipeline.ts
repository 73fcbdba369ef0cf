import type { Meter } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import { AggregationTemporality, InstrumentType, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import type { Log } from '../../logging/log.ts';
import type { MetricBatches } from './metric-batches.ts';
import { createObservedSums } from './observed-sums.ts';

/** The SDK's reader without an exporter: the spool is the exporter. */
class SpoolMetricReader extends MetricReader {
  constructor() {
    super({
      // A gauge has no temporality, but the SDK goes on reporting the last value of a series that is not observed any
      // more unless it is DELTA: an unmounted filesystem would stay full for ever, and its alert with it.
      aggregationTemporalitySelector: (type) =>
        type === InstrumentType.OBSERVABLE_GAUGE ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE,
    });
  }
  protected async onForceFlush(): Promise<void> {}
  protected async onShutdown(): Promise<void> {}
}

export interface MetricPipeline {
  meter(scope: string): Meter;
  /** Samples now and resolves when the sample is durable. */
  collect(): Promise<void>;
  /** Samples at once, then every `intervalMs`. */
  start(): void;
  /** Samples at this interval, beginning with the next sample. */
  useInterval(intervalMs: number): void;
  /** Samples no more often than this until it is called with undefined. */
  slowDown(intervalMs: number | undefined): void;
  /** Samples that were skipped because the one before was still waiting for the disk. */
  skipped(): number;
  close(): Promise<void>;
}

/** From OpenTelemetry instruments to durable batches: one batch a sample. */
export function createMetricPipeline(
  { batches, resource, log }: { batches: MetricBatches; resource: Resource; log: Log },
  options: { intervalMs: number },
): MetricPipeline {
  const reader = new SpoolMetricReader();
  const provider = new MeterProvider({ resource, readers: [reader] });
  const sums = createObservedSums({ nowMs: Date.now });
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let { intervalMs } = options;
  let slowMs = 0;
  let skipped = 0;
  let closed = false;

  async function sample(): Promise<void> {
    const { resourceMetrics, errors } = await reader.collect();
    for (const error of errors) log.warn({ err: error }, 'a metric could not be sampled');
    await batches.append(sums.restore(resourceMetrics.scopeMetrics));
  }

  function collect(): Promise<void> {
    if (running) {
      skipped += 1;
      return running;
    }
    running = sample()
      .catch((error: unknown) => log.warn({ err: error }, 'a metric sample was not spooled'))
      .finally(() => {
        running = undefined;
      });
    return running;
  }

  function schedule(delayMs: number): void {
    timer = setTimeout(() => {
      if (closed) return;
      schedule(Math.max(intervalMs, slowMs));
      void collect();
    }, delayMs);
  }

  return {
    meter: (scope) => sums.meter(provider.getMeter(scope), scope),
    collect,
    start() {
      void collect();
      // Nodes that start together should not sample together for ever.
      schedule(intervalMs * (0.5 + Math.random() / 2));
    },
    useInterval(next) {
      if (next === intervalMs) return;
      intervalMs = next;
      if (timer === undefined || closed) return;
      // An hour that was waited for must not pass before a minute holds.
      clearTimeout(timer);
      schedule(Math.max(intervalMs, slowMs) * Math.random());
    },
    slowDown(atLeastMs) {
      slowMs = atLeastMs ?? 0;
    },
    skipped: () => skipped,
    async close() {
      closed = true;
      clearTimeout(timer);
      await running;
      await provider.shutdown();
    },
  };
}
