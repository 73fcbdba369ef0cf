import type { BatchObservableResult } from '@opentelemetry/api';
import picomatch from 'picomatch';
import type { Instruments, MetricCatalogue } from '../metric-catalogue.ts';

/** One process at one moment; what a platform does not tell is left out. */
export interface ProcessSample {
  pid: number;
  name: string;
  /** Tells a process from a later one of the same id; of no unit. */
  startedAt: number;
  userSeconds: number;
  systemSeconds: number;
  residentBytes: number;
  virtualBytes?: number;
  threads?: number;
  handles?: number;
  fileDescriptors?: number;
  readBytes?: number;
  writtenBytes?: number;
}

/** Metrics of single processes by OpenTelemetry's process conventions (1.44). */
export const processMetrics = {
  'process.cpu.time': ['counter', 's', 'Processor time that the process has used, by mode.'],
  'process.cpu.utilization': ['gauge', '1', 'Share of all processors that the process used since the last sample.'],
  'process.memory.usage': ['updown', 'By', 'Memory of the process that is resident.'],
  'process.memory.virtual': ['updown', 'By', 'Memory that is committed for the process (Windows) or mapped (Linux).'],
  'process.disk.io': ['counter', 'By', 'Bytes that the process has read and written.'],
  'process.thread.count': ['updown', '{thread}', 'Threads of the process.'],
  'process.windows.handle.count': ['updown', '{handle}', 'Handles that the process has open.'],
  'process.unix.file_descriptor.count': ['updown', '{file_descriptor}', 'Files that the process has open.'],
} as const satisfies MetricCatalogue;

type Chosen = ProcessSample & { utilization: number | undefined };

/**
 * Chooses the processes that are worth a series: the `top` by processor time since the last choice, the `top` by
 * memory, and those whose name matches a glob of `named` (at most 100 of these, by memory).
 */
export function createProcessChoice({ top, named }: { top: number; named: readonly string[] }) {
  const isNamed = named.length > 0 ? picomatch([...named], { nocase: true }) : () => false;
  let before = new Map<number, ProcessSample>();
  let beforeMs: number | undefined;

  return (processes: readonly ProcessSample[], nowMs: number, processors: number): Chosen[] => {
    const available = beforeMs === undefined ? 0 : ((nowMs - beforeMs) / 1000) * processors;
    const all = processes.map((process): Chosen => {
      const last = before.get(process.pid);
      const same = last !== undefined && last.startedAt === process.startedAt;
      const used = same ? seconds(process) - seconds(last) : undefined;
      return {
        ...process,
        utilization: used === undefined || available <= 0 ? undefined : Math.min(1, Math.max(0, used / available)),
      };
    });
    before = new Map(processes.map((process) => [process.pid, process]));
    beforeMs = nowMs;
    const byMemory = all.toSorted((a, b) => b.residentBytes - a.residentBytes);
    const byProcessor = all
      .filter(({ utilization }) => utilization !== undefined && utilization > 0)
      .sort((a, b) => (b.utilization ?? 0) - (a.utilization ?? 0));
    const chosen = new Set([
      ...byProcessor.slice(0, top),
      ...byMemory.slice(0, top),
      ...byMemory.filter(({ name }) => isNamed(name)).slice(0, maxNamed),
    ]);
    return [...chosen];
  };
}

const maxNamed = 100;

const seconds = (process: ProcessSample): number => process.userSeconds + process.systemSeconds;

export function observeProcesses(
  result: BatchObservableResult,
  instruments: Instruments<keyof typeof processMetrics>,
  processes: readonly Chosen[],
): void {
  for (const process of processes) {
    const who = { 'process.pid': process.pid, 'process.executable.name': process.name };
    const observe = (name: keyof typeof processMetrics, value: number | undefined, more = {}) => {
      if (value !== undefined) result.observe(instruments[name], value, { ...who, ...more });
    };
    observe('process.cpu.time', process.userSeconds, { 'cpu.mode': 'user' });
    observe('process.cpu.time', process.systemSeconds, { 'cpu.mode': 'system' });
    observe('process.cpu.utilization', process.utilization);
    observe('process.memory.usage', process.residentBytes);
    observe('process.memory.virtual', process.virtualBytes);
    observe('process.disk.io', process.readBytes, { 'disk.io.direction': 'read' });
    observe('process.disk.io', process.writtenBytes, { 'disk.io.direction': 'write' });
    observe('process.thread.count', process.threads);
    observe('process.windows.handle.count', process.handles);
    observe('process.unix.file_descriptor.count', process.fileDescriptors);
  }
}
