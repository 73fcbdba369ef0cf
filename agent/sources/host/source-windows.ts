import type { BatchObservableCallback, BatchObservableResult } from '@opentelemetry/api';
import { type CounterQuery, openCounterQuery } from '../../windows/pdh.ts';
import { createInstruments } from '../metric-catalogue.ts';
import type { Source, SourceContext } from '../source.ts';
import { createFilesystemWatch, observeFilesystems } from './filesystems.ts';
import { hostMetrics } from './instruments.ts';
import { observeConnections, observeInterfaces } from './network.ts';
import { createProcessChoice, observeProcesses, processMetrics } from './top-processes.ts';
import { countConnections } from './windows/connections.ts';
import { readInterfaces } from './windows/interfaces.ts';
import { logicalProcessors, physicalCores, readMemory, readProcessorTimes, uptimeSeconds } from './windows/kernel.ts';
import { createPerformanceCounts } from './windows/performance.ts';
import { readProcesses } from './windows/process-list.ts';
import { listVolumes } from './windows/volumes.ts';

/** Longest that one collection waits for filesystems. */
const filesystemTimeoutMs = 500;

/** Host metrics by the system conventions, from kernel32, iphlpapi, ntdll and performance counters; no processes. */
export function createHostSource(context: SourceContext): Source {
  const instruments = createInstruments(context.meter, hostMetrics);
  const processInstruments = createInstruments(context.meter, processMetrics);
  const observables = [...Object.values(instruments), ...Object.values(processInstruments)];
  const filesystems = createFilesystemWatch({ listMounts: listVolumes, questions: context.fileQuestions });
  const chooseProcesses = createProcessChoice(context.profile.metrics.processes);
  let query: CounterQuery | undefined;
  let performanceCounts: ReturnType<typeof createPerformanceCounts> | undefined;
  let state: 'starting' | 'running' | 'absent' = 'starting';
  let samples = 0;
  let lastRecordUnixMs: number | undefined;
  let cores: number | undefined;
  let lastTimes: ReturnType<typeof readProcessorTimes>;

  const observe: BatchObservableCallback = async (result) => {
    const [counts] = await Promise.all([performanceCounts?.read(), filesystems.refresh(filesystemTimeoutMs)]);
    let count = 0;
    const counting: BatchObservableResult = {
      observe(metric, value, attributes) {
        if (!Number.isFinite(value)) return;
        count += 1;
        result.observe(metric, value, attributes);
      },
    };
    counting.observe(instruments['system.uptime'], uptimeSeconds());
    observeProcessors(counting);
    observeMemory(counting);
    observeFilesystems(counting, instruments, filesystems.uses());
    observeInterfaces(counting, instruments, readInterfaces());
    observeConnections(counting, instruments, countConnections() ?? new Map());
    const processes = readProcesses();
    if (processes.length > 0) counting.observe(instruments['system.process.count'], processes.length);
    observeProcesses(counting, processInstruments, chooseProcesses(processes, context.nowMs(), logicalProcessors()));
    if (counts) observePerformance(counting, counts);
    samples += count;
    lastRecordUnixMs = context.nowMs();
  };

  function observeProcessors(result: BatchObservableResult): void {
    result.observe(instruments['system.cpu.logical.count'], logicalProcessors());
    cores ??= physicalCores();
    if (cores !== undefined) result.observe(instruments['system.cpu.physical.count'], cores);
    const times = readProcessorTimes();
    if (!times) return;
    const modes = Object.keys(times) as (keyof typeof times)[];
    const before = lastTimes;
    const passed = before ? modes.reduce((sum, mode) => sum + times[mode] - before[mode], 0) : 0;
    for (const mode of modes) {
      const attributes = { 'cpu.mode': mode };
      result.observe(instruments['system.cpu.time'], times[mode], attributes);
      if (!before || passed <= 0) continue;
      const share = Math.min(1, Math.max(0, (times[mode] - before[mode]) / passed));
      result.observe(instruments['system.cpu.utilization'], share, attributes);
    }
    lastTimes = times;
  }

  function observeMemory(result: BatchObservableResult): void {
    const memory = readMemory();
    if (!memory) return;
    const { totalBytes, availableBytes } = memory;
    result.observe(instruments['system.memory.limit'], totalBytes);
    // What Windows calls available is free or can be had at once: standby lists are part of it.
    for (const [memoryState, bytes] of [
      ['used', totalBytes - availableBytes],
      ['free', availableBytes],
    ] as const) {
      const attributes = { 'system.memory.state': memoryState };
      result.observe(instruments['system.memory.usage'], bytes, attributes);
      result.observe(instruments['system.memory.utilization'], bytes / totalBytes, attributes);
    }
  }

  function observePerformance(
    result: BatchObservableResult,
    counts: Awaited<ReturnType<ReturnType<typeof createPerformanceCounts>['read']>>,
  ): void {
    const tell = (name: keyof typeof hostMetrics, value: number | undefined, attributes: Record<string, string>) => {
      if (value !== undefined) result.observe(instruments[name], value, attributes);
    };
    tell('system.cpu.frequency', counts.frequencyHz, {});
    tell('system.paging.faults', counts.majorFaults, { 'system.paging.fault.type': 'major' });
    tell('system.paging.faults', counts.minorFaults, { 'system.paging.fault.type': 'minor' });
    tell('system.paging.operations', counts.pagesIn, { 'system.paging.direction': 'in' });
    tell('system.paging.operations', counts.pagesOut, { 'system.paging.direction': 'out' });
    for (const { device, usedBytes, totalBytes } of counts.pageFiles) {
      for (const [pagingState, bytes] of [
        ['used', usedBytes],
        ['free', totalBytes - usedBytes],
      ] as const) {
        const attributes = { 'system.device': device, 'system.paging.state': pagingState };
        tell('system.paging.usage', bytes, attributes);
        tell('system.paging.utilization', bytes / totalBytes, attributes);
      }
    }
    for (const disk of counts.disks) {
      const device = { 'system.device': disk.device };
      const reading = { ...device, 'disk.io.direction': 'read' };
      const writing = { ...device, 'disk.io.direction': 'write' };
      tell('system.disk.io', disk.readBytes, reading);
      tell('system.disk.io', disk.writtenBytes, writing);
      tell('system.disk.operations', disk.reads, reading);
      tell('system.disk.operations', disk.writes, writing);
      tell('system.disk.operation_time', disk.readSeconds, reading);
      tell('system.disk.operation_time', disk.writeSeconds, writing);
      tell('system.disk.io_time', disk.busySeconds, device);
    }
  }

  return {
    name: 'host',
    async start() {
      if (!context.profile.metrics.enabled) {
        state = 'absent';
        return;
      }
      lastTimes = readProcessorTimes();
      query = openCounterQuery();
      performanceCounts = createPerformanceCounts(query);
      if (performanceCounts.missing.length > 0) {
        context.log.info({ counters: performanceCounts.missing }, 'performance counters that this machine lacks');
      }
      context.meter.addBatchObservableCallback(observe, observables);
      state = 'running';
    },
    async close() {
      context.meter.removeBatchObservableCallback(observe, observables);
      performanceCounts = undefined;
      query?.close();
      query = undefined;
    },
    health() {
      const hanging = filesystems.hanging();
      const missing = performanceCounts?.missing.length ?? 0;
      const details = [
        ...(hanging.length > 0 ? [`no answer from ${hanging.join(', ')}`] : []),
        ...(missing > 0 ? [`${missing} performance counters are not there`] : []),
      ];
      return {
        name: 'host',
        state,
        records: samples,
        dropped: 0,
        ...(lastRecordUnixMs === undefined ? {} : { lastRecordUnixMs }),
        ...(details.length > 0 ? { detail: details.join('; ') } : {}),
      };
    },
  };
}
