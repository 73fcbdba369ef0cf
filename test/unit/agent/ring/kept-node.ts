import { join } from 'node:path';
import { type Logger, SeverityNumber } from '@opentelemetry/api-logs';
import { pino } from 'pino';
import { createClockOffset } from '../../../../agent/control/clock-offset.ts';
import { createLogPipelines, logStreams } from '../../../../agent/pipeline/log-pipelines.ts';
import { createMetricBatches } from '../../../../agent/pipeline/metric-batches.ts';
import { createMetricPipeline } from '../../../../agent/pipeline/metric-pipeline.ts';
import { createResource } from '../../../../agent/pipeline/resource.ts';
import { openRing, type Ring, type RingOptions } from '../../../../agent/ring/ring.ts';
import type { SpooledBatch } from '../../../../agent/spool/reader.ts';
import { openSpool, type Spool } from '../../../../agent/spool/spool.ts';

const log = pino({ level: 'silent' });

/** Spool, ring and pipelines of an agent, without what sends: the test acknowledges. */
export interface KeptNode {
  spool: Spool;
  ring: Ring;
  logger(scope: string): Logger;
  sample(): Promise<void>;
  flush(): Promise<void>;
  /** Takes batches as a collector would, all or `atMost`; resolves with how many records they had. */
  acknowledge(stream: string, atMost?: number): Promise<number>;
  close(): Promise<void>;
}

export async function openKeptNode(
  agentFolder: string,
  options: Partial<RingOptions> & { segmentBytes?: number; nowMs?: () => number } = {},
): Promise<KeptNode> {
  const nowMs = options.nowMs ?? Date.now;
  const ring = await openRing(
    { folder: join(agentFolder, 'ring'), days: 7, maxBytes: 64 * 2 ** 20, minFreeBytes: 0, keep: [], ...options },
    { log, nowMs },
  );
  const spool = await openSpool(
    {
      folder: join(agentFolder, 'spool'),
      streams: { ...logStreams, metrics: 'normal' },
      maxBytes: 256 * 2 ** 20,
      minFreeBytes: 0,
      segmentBytes: options.segmentBytes ?? 64 * 1024,
    },
    { log, nowMs, dispose: ring.keep, yieldBytes: ring.makeRoom },
  );
  const resource = createResource({ serviceVersion: '0', instanceId: spool.epoch });
  const clock = createClockOffset();
  const logs = createLogPipelines({ spool, resource, clock, log }, { maxBytes: 16 * 1024, maxAgeMs: 5 });
  const batches = createMetricBatches({ spool, resource, clock, nowMs });
  const metrics = createMetricPipeline({ batches, resource, log }, { intervalMs: 3_600_000 });
  metrics
    .meter('sextant.host')
    .createObservableGauge('system.memory.usage', { unit: 'By' })
    .addCallback((result) => {
      result.observe(42, { state: 'used' });
    });
  /** Asked for and not yet there: asking is what makes a reader leave a segment that it has read. */
  const asked = new Map<string, Promise<SpooledBatch | undefined>>();
  const readers = new Map(spool.sequences().map(({ name }) => [name, spool.reader(name)]));
  return {
    spool,
    ring,
    logger: (scope) => logs.ofClass('normal').logger(scope),
    sample: () => metrics.collect(),
    flush: () => logs.flush(),
    async acknowledge(stream, atMost = Number.POSITIVE_INFINITY) {
      const waiting = spool.stats().find((each) => each.stream === stream)?.waitingBatches ?? 0;
      let records = 0;
      const reader = readers.get(stream);
      if (!reader) throw new Error(`no stream ${stream}`);
      for (let left = Math.min(waiting, atMost); left > 0; left--) {
        const batch = await (asked.get(stream) ?? reader.next());
        if (!batch) break;
        records += batch.records;
        reader.acknowledge(batch);
        asked.set(stream, reader.next());
      }
      return records;
    },
    async close() {
      await metrics.close();
      await logs.close();
      await spool.close();
      await ring.close();
    },
  };
}

/** Emits numbered records: every `warnEvery`th is a warning. */
export async function emitNumbered(
  node: KeptNode,
  from: number,
  count: number,
  { warnEvery = 10, scope = 'test' }: { warnEvery?: number; scope?: string } = {},
): Promise<void> {
  const logger = node.logger(scope);
  for (let number = from; number < from + count; number++) {
    const isWarning = number % warnEvery === 0;
    logger.emit({
      severityNumber: isWarning ? SeverityNumber.WARN : SeverityNumber.INFO,
      body: `record ${number} ${'x'.repeat(100)}`,
      attributes: { number },
    });
    if (number % 200 === 199) await node.flush();
  }
  await node.flush();
}
