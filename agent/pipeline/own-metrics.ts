import type { Meter } from '@opentelemetry/api';
import { createInstruments, type MetricCatalogue } from '../sources/metric-catalogue.ts';
import type { StreamStats } from '../spool/stream-stats.ts';
import type { UplinkStats } from '../uplink/uplink.ts';

/** What the agent says about itself. No convention covers these; this is the one list of them. */
export const ownMetrics = {
  'sextant.agent.spool.bytes': ['updown', 'By', 'Size of the spool on disk, by stream.'],
  'sextant.agent.spool.waiting': ['updown', '{record}', 'Records and samples not acknowledged yet, by stream.'],
  'sextant.agent.spool.dropped': [
    'counter',
    '{record}',
    'Records dropped at the byte cap or free-space floor, by source where it is known.',
  ],
  'sextant.agent.spool.damaged': ['counter', '{batch}', 'Batches that were damaged on disk.'],
  'sextant.agent.uplink.rejected': ['counter', '{record}', 'Records that the collector refused for good.'],
  'sextant.agent.uplink.sent': ['counter', 'By', 'Bytes of batches that the collector has acknowledged.'],
  'sextant.agent.uplink.failures': ['counter', '{try}', 'Tries to deliver that did not succeed.'],
  'sextant.agent.logs.emitted': ['counter', '{record}', 'Log records that the sources emitted.'],
  'sextant.agent.logs.flooded': [
    'counter',
    '{record}',
    'Records of sources that do not wait for room, dropped when far more was emitted than the disk takes, by source.',
  ],
  'sextant.agent.metrics.skipped': ['counter', '{sample}', 'Metric samples left out while the disk did not keep up.'],
  'sextant.agent.source.restarts': [
    'counter',
    '{restart}',
    'Restarts of sources that failed or were stuck, by source.',
  ],
  'sextant.agent.shedding.level': ['updown', '1', 'What is given up to stay below the memory limit: 0 nothing to 3.'],
  'sextant.agent.shedding.steps': ['counter', '{step}', 'Times that one more thing was given up.'],
  'sextant.agent.memory.usage': ['updown', 'By', 'Resident memory of the agent.'],
  'sextant.agent.cpu.time': ['counter', 's', 'Processor time that the agent has used.'],
} as const satisfies MetricCatalogue;

export interface OwnFigures {
  spool(): StreamStats[];
  uplink(): UplinkStats[];
  emittedRecords(): number;
  floodedRecords(): ReadonlyMap<string, number>;
  shedding: { level(): number; steps(): number };
  skippedSamples(): number;
  sourceRestarts(): ReadonlyMap<string, number>;
}

/** Registers the agent's own instruments; they are read once a sample. */
export function registerOwnMetrics(meter: Meter, figures: OwnFigures): void {
  const instruments = createInstruments(meter, ownMetrics);
  meter.addBatchObservableCallback((result) => {
    for (const stats of figures.spool()) {
      const attributes = { stream: stats.stream, priority: stats.priority };
      result.observe(instruments['sextant.agent.spool.bytes'], stats.bytes, attributes);
      result.observe(instruments['sextant.agent.spool.waiting'], stats.waitingRecords, attributes);
      let unnamed = stats.droppedRecords;
      for (const [source, records] of Object.entries(stats.droppedBySource)) {
        unnamed -= records;
        result.observe(instruments['sextant.agent.spool.dropped'], records, { ...attributes, source });
      }
      result.observe(instruments['sextant.agent.spool.dropped'], unnamed, attributes);
      result.observe(instruments['sextant.agent.spool.damaged'], stats.damagedBatches, attributes);
      result.observe(instruments['sextant.agent.uplink.rejected'], stats.rejectedRecords, attributes);
    }
    for (const stats of figures.uplink()) {
      const attributes = { stream: stats.stream };
      result.observe(instruments['sextant.agent.uplink.sent'], stats.sentBytes, attributes);
      result.observe(instruments['sextant.agent.uplink.failures'], stats.failedTries, attributes);
    }
    result.observe(instruments['sextant.agent.logs.emitted'], figures.emittedRecords());
    for (const [source, records] of figures.floodedRecords())
      result.observe(instruments['sextant.agent.logs.flooded'], records, { source });
    result.observe(instruments['sextant.agent.metrics.skipped'], figures.skippedSamples());
    for (const [source, restarts] of figures.sourceRestarts())
      result.observe(instruments['sextant.agent.source.restarts'], restarts, { source });
    result.observe(instruments['sextant.agent.shedding.level'], figures.shedding.level());
    result.observe(instruments['sextant.agent.shedding.steps'], figures.shedding.steps());
    result.observe(instruments['sextant.agent.memory.usage'], process.memoryUsage.rss());
    const { user, system } = process.cpuUsage();
    result.observe(instruments['sextant.agent.cpu.time'], (user + system) / 1e6);
  }, Object.values(instruments));
}
