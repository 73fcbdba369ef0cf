import { hostname } from 'node:os';
import type { Meter } from '@opentelemetry/api';
import { ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import type { Log } from '../../logging/log.ts';
import type { Journal } from '../journal/journal.ts';
import { walkRequest } from '../receive/walk.ts';

/**
 * The `Node` of what the collector says about itself. No certificate proves it and none can: `@` occurs in no node's
 * name.
 */
export const collectorNode = '@collector';

/** The SDK's reader without an exporter: the journal is the exporter. */
class JournalMetricReader extends MetricReader {
  protected async onForceFlush(): Promise<void> {}
  protected async onShutdown(): Promise<void> {}
}

export interface OwnTelemetry {
  readonly meter: Meter;
  start(): void;
  /** Takes one sample; resolves when it is durable or was given up. */
  sample(): Promise<void>;
  close(): Promise<void>;
}

/** The collector's own metrics go where everybody's go: as OTLP into the journal. */
export function createOwnTelemetry(
  { journal, log }: { journal: Pick<Journal, 'append'>; log: Log },
  options: { version: string; intervalMs: number },
): OwnTelemetry {
  const reader = new JournalMetricReader();
  const provider = new MeterProvider({
    readers: [reader],
    resource: resourceFromAttributes({
      'service.name': 'sextant-collector',
      'service.version': options.version,
      'host.name': hostname(),
    }),
  });
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;

  async function take(): Promise<void> {
    const { resourceMetrics } = await reader.collect();
    const serialised = ProtobufMetricsSerializer.serializeRequest(resourceMetrics);
    if (!serialised) throw new Error('BUG: the serializer returned nothing');
    const bytes = Buffer.from(serialised);
    // Without the outline each sample would go to the tables of all kinds, read for arrays and maps: a CPU second.
    await journal.append({ signal: 'metrics', node: collectorNode, bytes, ...walkRequest('metrics', bytes) });
  }

  const sample = (): Promise<void> => {
    // One at a time: while the disk stands still, a sample is left out rather than queued.
    running ??= take()
      .catch((error: Error) => log.debug({ error: error.message }, 'a sample of the collector itself was given up'))
      .finally(() => {
        running = undefined;
      });
    return running;
  };

  return {
    meter: provider.getMeter('sextant.collector'),
    sample,
    start() {
      timer = setInterval(() => void sample(), options.intervalMs);
    },
    async close() {
      clearInterval(timer);
      await running;
      await provider.shutdown();
    },
  };
}
