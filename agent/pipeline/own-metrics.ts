import type { Meter } from '@opentelemetry/api';
import type { StreamStats } from '../spool/stream-stats.ts';
import type { UplinkStats } from '../uplink/uplink.ts';

/** What the agent says about itself. No convention covers these; this is the one list of them. */
const ownMetrics = {
  spoolBytes: ['sextant.agent.spool.bytes', 'By', 'Size of the spool on disk, by stream.'],
  waitingRecords: ['sextant.agent.spool.waiting', '{record}', 'Records and samples not acknowledged yet, by stream.'],
  droppedRecords: [
    'sextant.agent.spool.dropped',
    '{record}',
    'Records dropped at the byte cap or free-space floor, by source where it is known.',
  ],
  damagedBatches: ['sextant.agent.spool.damaged', '{batch}', 'Batches that were damaged on disk.'],
  rejectedRecords: ['sextant.agent.uplink.rejected', '{record}', 'Records that the collector refused for good.'],
  sentBytes: ['sextant.agent.uplink.sent', 'By', 'Bytes of batches that the collector has acknowledged.'],
  failedTries: ['sextant.agent.uplink.failures', '{try}', 'Tries to deliver that did not succeed.'],
  emittedRecords: ['sextant.agent.logs.emitted', '{record}', 'Log records that the sources emitted.'],
  floodedRecords: [
    'sextant.agent.logs.flooded',
    '{record}',
    'Records of sources that do not wait for room, dropped when far more was emitted than the disk takes, by source.',
  ],
  skippedSamples: [
    'sextant.agent.metrics.skipped',
    '{sample}',
    'Metric samples left out while the disk did not keep up.',
  ],
  sourceRestarts: [
    'sextant.agent.source.restarts',
    '{restart}',
    'Restarts of sources that failed or were stuck, by source.',
  ],
  sheddingLevel: [
    'sextant.agent.shedding.level',
    '1',
    'What is given up to stay below the memory limit: 0 nothing to 3.',
  ],
  sheddingSteps: ['sextant.agent.shedding.steps', '{step}', 'Times that one more thing was given up.'],
  memory: ['sextant.agent.memory.usage', 'By', 'Resident memory of the agent.'],
  clockOffset: ['sextant.agent.clock.offset', 's', 'How far this clock is ahead of the collector’s.'],
  clockBound: ['sextant.agent.clock.bound', 's', 'How far off the measured clock offset can be.'],
  cpuTime: ['sextant.agent.cpu.time', 's', 'Processor time that the agent has used.'],
} as const satisfies Record<string, readonly [name: string, unit: string, description: string]>;

export interface OwnFigures {
  spool(): StreamStats[];
  uplink(): UplinkStats[];
  clock: { ms(): number | undefined; boundMs(): number | undefined };
  emittedRecords(): number;
  floodedRecords(): ReadonlyMap<string, number>;
  shedding: { level(): number; steps(): number };
  skippedSamples(): number;
  sourceRestarts(): ReadonlyMap<string, number>;
}

/** Registers the agent's own instruments; they are read once a sample. */
export function registerOwnMetrics(meter: Meter, figures: OwnFigures): void {
  const options = ([, unit, description]: readonly [string, string, string]) => ({ unit, description });
  const gauge = (metric: readonly [string, string, string]) =>
    meter.createObservableUpDownCounter(metric[0], options(metric));
  const counter = (metric: readonly [string, string, string]) =>
    meter.createObservableCounter(metric[0], options(metric));
  const spoolBytes = gauge(ownMetrics.spoolBytes);
  const waitingRecords = gauge(ownMetrics.waitingRecords);
  const droppedRecords = counter(ownMetrics.droppedRecords);
  const damagedBatches = counter(ownMetrics.damagedBatches);
  const rejectedRecords = counter(ownMetrics.rejectedRecords);
  const sentBytes = counter(ownMetrics.sentBytes);
  const failedTries = counter(ownMetrics.failedTries);
  const emittedRecords = counter(ownMetrics.emittedRecords);
  const floodedRecords = counter(ownMetrics.floodedRecords);
  const skippedSamples = counter(ownMetrics.skippedSamples);
  const sourceRestarts = counter(ownMetrics.sourceRestarts);
  const sheddingLevel = gauge(ownMetrics.sheddingLevel);
  const sheddingSteps = counter(ownMetrics.sheddingSteps);
  const memory = gauge(ownMetrics.memory);
  const clockOffset = meter.createObservableGauge(ownMetrics.clockOffset[0], options(ownMetrics.clockOffset));
  const clockBound = meter.createObservableGauge(ownMetrics.clockBound[0], options(ownMetrics.clockBound));
  const cpuTime = counter(ownMetrics.cpuTime);
  meter.addBatchObservableCallback(
    (result) => {
      for (const stats of figures.spool()) {
        const attributes = { stream: stats.stream, priority: stats.priority };
        result.observe(spoolBytes, stats.bytes, attributes);
        result.observe(waitingRecords, stats.waitingRecords, attributes);
        let unnamed = stats.droppedRecords;
        for (const [source, records] of Object.entries(stats.droppedBySource)) {
          unnamed -= records;
          result.observe(droppedRecords, records, { ...attributes, source });
        }
        result.observe(droppedRecords, unnamed, attributes);
        result.observe(damagedBatches, stats.damagedBatches, attributes);
        result.observe(rejectedRecords, stats.rejectedRecords, attributes);
      }
      for (const stats of figures.uplink()) {
        const attributes = { stream: stats.stream };
        result.observe(sentBytes, stats.sentBytes, attributes);
        result.observe(failedTries, stats.failedTries, attributes);
      }
      result.observe(emittedRecords, figures.emittedRecords());
      for (const [source, records] of figures.floodedRecords()) result.observe(floodedRecords, records, { source });
      result.observe(skippedSamples, figures.skippedSamples());
      for (const [source, restarts] of figures.sourceRestarts()) result.observe(sourceRestarts, restarts, { source });
      result.observe(sheddingLevel, figures.shedding.level());
      result.observe(sheddingSteps, figures.shedding.steps());
      result.observe(memory, process.memoryUsage.rss());
      const [offsetMs, boundMs] = [figures.clock.ms(), figures.clock.boundMs()];
      if (offsetMs !== undefined) result.observe(clockOffset, offsetMs / 1000);
      if (boundMs !== undefined) result.observe(clockBound, boundMs / 1000);
      const { user, system } = process.cpuUsage();
      result.observe(cpuTime, (user + system) / 1e6);
    },
    [
      spoolBytes,
      waitingRecords,
      droppedRecords,
      damagedBatches,
      rejectedRecords,
      sentBytes,
      failedTries,
      emittedRecords,
      floodedRecords,
      skippedSamples,
      sourceRestarts,
      sheddingLevel,
      sheddingSteps,
      memory,
      clockOffset,
      clockBound,
      cpuTime,
    ],
  );
}
