import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Meter } from '@opentelemetry/api';
import type { NodeState } from '../api/shapes/nodes.ts';
import type { JournalStats } from '../journal/journal.ts';
import { ownInstruments } from './instruments.ts';

export interface OwnFigures {
  journal(): JournalStats;
  nodeStates(): NodeState[];
  controlStreams(): number;
}

/** Registers what is read once a sample; returns a function that stops the event loop's clock. */
export function observeOwnFigures(meter: Meter, figures: OwnFigures): () => void {
  const counter = ([name, unit, description]: readonly [string, string, string]) =>
    meter.createObservableCounter(name, { unit, description });
  const level = ([name, unit, description]: readonly [string, string, string]) =>
    meter.createObservableUpDownCounter(name, { unit, description });
  const ingestedRecords = counter(ownInstruments.ingestedRecords);
  const ingestedBytes = counter(ownInstruments.ingestedBytes);
  const ingestedBatches = counter(ownInstruments.ingestedBatches);
  const duplicateBatches = counter(ownInstruments.duplicateBatches);
  const missingBatches = counter(ownInstruments.missingBatches);
  const quarantinedBatches = counter(ownInstruments.quarantinedBatches);
  const backlogBytes = level(ownInstruments.backlogBytes);
  const backlogFiles = level(ownInstruments.backlogFiles);
  const nodes = level(ownInstruments.nodes);
  const controlStreams = level(ownInstruments.controlStreams);
  const memory = level(ownInstruments.memory);
  const cpuTime = counter(ownInstruments.cpuTime);
  const loop = observeEventLoop(meter);

  meter.addBatchObservableCallback(
    (result) => {
      const journal = figures.journal();
      result.observe(ingestedRecords, journal.storedRecords);
      result.observe(ingestedBytes, journal.storedBytes);
      result.observe(ingestedBatches, journal.storedBatches);
      result.observe(duplicateBatches, journal.duplicateBatches);
      result.observe(missingBatches, journal.missingBatches);
      result.observe(quarantinedBatches, journal.quarantinedBatches);
      result.observe(backlogBytes, journal.backlogBytes);
      result.observe(backlogFiles, journal.backlogFiles);
      const states = figures.nodeStates();
      for (const state of ['online', 'silent', 'never-seen'] as const) {
        result.observe(nodes, states.filter((each) => each === state).length, { state });
      }
      result.observe(controlStreams, figures.controlStreams());
      result.observe(memory, process.memoryUsage.rss());
      const { user, system } = process.cpuUsage();
      result.observe(cpuTime, (user + system) / 1e6);
    },
    [
      ingestedRecords,
      ingestedBytes,
      ingestedBatches,
      duplicateBatches,
      missingBatches,
      quarantinedBatches,
      backlogBytes,
      backlogFiles,
      nodes,
      controlStreams,
      memory,
      cpuTime,
    ],
  );
  return () => loop.disable();
}

/** How late timers were since the last sample: what makes every answer late. */
function observeEventLoop(meter: Meter): ReturnType<typeof monitorEventLoopDelay> {
  const options = { unit: 's', description: 'How late the event loop was since the last sample.' };
  const p99 = meter.createObservableGauge('nodejs.eventloop.delay.p99', options);
  const max = meter.createObservableGauge('nodejs.eventloop.delay.max', options);
  const loop = monitorEventLoopDelay({ resolution: 20 });
  loop.enable();
  meter.addBatchObservableCallback(
    (result) => {
      if (loop.count > 0) {
        result.observe(p99, loop.percentile(99) / 1e9);
        result.observe(max, loop.max / 1e9);
      }
      loop.reset();
    },
    [p99, max],
  );
  return loop;
}
