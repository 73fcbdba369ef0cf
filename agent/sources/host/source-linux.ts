import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BatchObservableCallback, BatchObservableResult } from '@opentelemetry/api';
import { createInstruments } from '../metric-catalogue.ts';
import type { Source, SourceContext } from '../source.ts';
import { type CpuStat, cpuShares, parseCpuInfo, parseCpuStat } from './cpu.ts';
import { parseDiskSize, parseDiskStats } from './disks.ts';
import { createFilesystemWatch, observeFilesystems } from './filesystems.ts';
import { hostMetrics } from './instruments.ts';
import { memoryUse, parseMemInfo } from './memory.ts';
import { parseMounts } from './mounts.ts';
import { connectionStates, countConnections, observeConnections, observeInterfaces, parseNetDev } from './network.ts';
import { parsePaging, parseSwaps } from './paging.ts';
import { parseProcessIo, parseProcessStat, processState } from './processes.ts';
import { createProcessChoice, observeProcesses, type ProcessSample, processMetrics } from './top-processes.ts';

export interface HostSourceOptions {
  /** Where /proc and /sys are; a folder of recorded files in tests. */
  procRoot?: string;
  sysRoot?: string;
}

/** Longest that one collection waits for filesystems. */
const filesystemTimeoutMs = 500;
/** Above this many sockets /proc/net/tcp takes tens of milliseconds to read; the states are then left out. */
const maxSockets = 20_000;

/** Host metrics by the system conventions, from /proc and /sys: one read of each file per collection, no processes. */
export function createHostSource(context: SourceContext, options: HostSourceOptions = {}): Source {
  const procRoot = options.procRoot ?? '/proc';
  const sysRoot = options.sysRoot ?? '/sys';
  const instruments = createInstruments(context.meter, hostMetrics);
  const processInstruments = createInstruments(context.meter, processMetrics);
  const observables = [...Object.values(instruments), ...Object.values(processInstruments)];
  const chooseProcesses = createProcessChoice(context.profile.metrics.processes);
  const filesystems = createFilesystemWatch({
    listMounts: () => parseMounts(read(join(procRoot, 'self/mountinfo'))),
    questions: context.fileQuestions,
  });
  let state: 'starting' | 'running' | 'absent' = 'starting';
  let samples = 0;
  let lastRecordUnixMs: number | undefined;
  let lastCpu: CpuStat | undefined;

  const observe: BatchObservableCallback = async (result) => {
    await filesystems.refresh(filesystemTimeoutMs);
    let count = 0;
    const counting: BatchObservableResult = {
      observe(metric, value, attributes) {
        if (!Number.isFinite(value)) return;
        count += 1;
        result.observe(metric, value, attributes);
      },
    };
    observeCpu(counting);
    observeMemory(counting);
    observeDisks(counting);
    observeFilesystems(counting, instruments, filesystems.uses());
    observeNetwork(counting);
    countAndChooseProcesses(counting);
    samples += count;
    lastRecordUnixMs = context.nowMs();
  };

  function observeCpu(result: BatchObservableResult): void {
    const uptime = Number.parseFloat(read(join(procRoot, 'uptime')));
    result.observe(instruments['system.uptime'], uptime);
    const stat = parseCpuStat(read(join(procRoot, 'stat')));
    if (!stat) return;
    for (const [mode, seconds] of Object.entries(stat.seconds)) {
      result.observe(instruments['system.cpu.time'], seconds, { 'cpu.mode': mode });
    }
    const shares = lastCpu && cpuShares(lastCpu, stat);
    if (shares) {
      for (const [mode, share] of Object.entries(shares)) {
        result.observe(instruments['system.cpu.utilization'], share, { 'cpu.mode': mode });
      }
    }
    lastCpu = stat;
    result.observe(instruments['system.cpu.logical.count'], stat.logicalCount);
    result.observe(instruments['system.process.created'], stat.processesCreated);
    const { physicalCount, meanHz } = parseCpuInfo(read(join(procRoot, 'cpuinfo')));
    if (physicalCount !== undefined) result.observe(instruments['system.cpu.physical.count'], physicalCount);
    if (meanHz !== undefined) result.observe(instruments['system.cpu.frequency'], meanHz);
  }

  function observeMemory(result: BatchObservableResult): void {
    const memory = memoryUse(parseMemInfo(read(join(procRoot, 'meminfo'))));
    if (memory) {
      result.observe(instruments['system.memory.limit'], memory.totalBytes);
      result.observe(instruments['system.memory.linux.shared'], memory.sharedBytes);
      if (memory.availableBytes !== undefined) {
        result.observe(instruments['system.memory.linux.available'], memory.availableBytes);
      }
      for (const [slabState, bytes] of Object.entries(memory.slab)) {
        result.observe(instruments['system.memory.linux.slab.usage'], bytes, {
          'system.memory.linux.slab.state': slabState,
        });
      }
      for (const [memoryState, bytes] of Object.entries(memory.states)) {
        const attributes = { 'system.memory.state': memoryState };
        result.observe(instruments['system.memory.usage'], bytes, attributes);
        result.observe(instruments['system.memory.utilization'], bytes / memory.totalBytes, attributes);
      }
    }
    for (const swap of parseSwaps(read(join(procRoot, 'swaps')))) {
      for (const [pagingState, bytes] of [
        ['used', swap.usedBytes],
        ['free', swap.totalBytes - swap.usedBytes],
      ] as const) {
        const attributes = { 'system.device': swap.device, 'system.paging.state': pagingState };
        result.observe(instruments['system.paging.usage'], bytes, attributes);
        result.observe(instruments['system.paging.utilization'], bytes / swap.totalBytes, attributes);
      }
    }
    const paging = parsePaging(read(join(procRoot, 'vmstat')));
    if (!paging) return;
    result.observe(instruments['system.paging.faults'], paging.majorFaults, { 'system.paging.fault.type': 'major' });
    result.observe(instruments['system.paging.faults'], paging.minorFaults, { 'system.paging.fault.type': 'minor' });
    result.observe(instruments['system.paging.operations'], paging.pagesIn, { 'system.paging.direction': 'in' });
    result.observe(instruments['system.paging.operations'], paging.pagesOut, { 'system.paging.direction': 'out' });
  }

  function observeDisks(result: BatchObservableResult): void {
    const wholeDisks = new Set(list(join(sysRoot, 'block')));
    for (const disk of parseDiskStats(read(join(procRoot, 'diskstats')), (device) => wholeDisks.has(device))) {
      const device = { 'system.device': disk.device };
      const reading = { ...device, 'disk.io.direction': 'read' };
      const writing = { ...device, 'disk.io.direction': 'write' };
      result.observe(instruments['system.disk.io'], disk.readBytes, reading);
      result.observe(instruments['system.disk.io'], disk.writtenBytes, writing);
      result.observe(instruments['system.disk.operations'], disk.reads, reading);
      result.observe(instruments['system.disk.operations'], disk.writes, writing);
      result.observe(instruments['system.disk.merged'], disk.readsMerged, reading);
      result.observe(instruments['system.disk.merged'], disk.writesMerged, writing);
      result.observe(instruments['system.disk.operation_time'], disk.readSeconds, reading);
      result.observe(instruments['system.disk.operation_time'], disk.writeSeconds, writing);
      result.observe(instruments['system.disk.io_time'], disk.busySeconds, device);
      const size = read(join(sysRoot, 'block', disk.device, 'size'));
      if (size) result.observe(instruments['system.disk.limit'], parseDiskSize(size), device);
    }
  }

  function observeNetwork(result: BatchObservableResult): void {
    observeInterfaces(result, instruments, parseNetDev(read(join(procRoot, 'net/dev'))));
    const sockets = Number(/^TCP: inuse (\d+)/m.exec(read(join(procRoot, 'net/sockstat')))?.[1] ?? 0);
    if (sockets > maxSockets) return;
    // Every state each time: the SDK goes on reporting the last value of a series that is not observed any more.
    const connections = new Map<string, number>(connectionStates.map((name) => [name, 0]));
    countConnections(read(join(procRoot, 'net/tcp')), connections);
    countConnections(read(join(procRoot, 'net/tcp6')), connections);
    observeConnections(result, instruments, connections);
  }

  function countAndChooseProcesses(result: BatchObservableResult): void {
    const counts = { running: 0, sleeping: 0, stopped: 0, defunct: 0 };
    const samples: ProcessSample[] = [];
    for (const name of list(procRoot)) {
      if (!/^\d+$/.test(name)) continue;
      const stat = read(join(procRoot, name, 'stat'));
      const found = processState(stat);
      if (found) counts[found] += 1;
      const sample = parseProcessStat(Number(name), stat);
      if (sample) samples.push(sample);
    }
    for (const [found, count] of Object.entries(counts)) {
      result.observe(instruments['system.process.count'], count, { 'process.state': found });
    }
    const chosen = chooseProcesses(samples, context.nowMs(), lastCpu?.logicalCount ?? 1).map((process) => {
      const folder = join(procRoot, String(process.pid));
      const fileDescriptors = list(join(folder, 'fd')).length;
      return {
        ...process,
        ...parseProcessIo(read(join(folder, 'io'))),
        // None at all means that we may not look.
        ...(fileDescriptors > 0 && { fileDescriptors }),
      };
    });
    observeProcesses(result, processInstruments, chosen);
  }

  return {
    name: 'host',
    async start() {
      lastCpu = parseCpuStat(read(join(procRoot, 'stat')));
      if (!context.profile.metrics.enabled || !lastCpu) {
        state = 'absent';
        return;
      }
      context.meter.addBatchObservableCallback(observe, observables);
      state = 'running';
    },
    async close() {
      context.meter.removeBatchObservableCallback(observe, observables);
    },
    health() {
      const hanging = filesystems.hanging();
      return {
        name: 'host',
        state,
        records: samples,
        dropped: 0,
        ...(lastRecordUnixMs === undefined ? {} : { lastRecordUnixMs }),
        ...(hanging.length > 0 ? { detail: `no answer from ${hanging.join(', ')}` } : {}),
      };
    },
  };
}

/** Empty when the file is not there: what a kernel does not offer is left out. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
