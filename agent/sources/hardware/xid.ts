import { closeSync, constants, openSync, readSync } from 'node:fs';
import { describeComponent, type HardwareReading } from './instruments.ts';

/** One record of /dev/kmsg is at most 8 KiB (PRINTK_MESSAGE_MAX and its prefix). */
const recordBytes = 8192;
/** A kernel that logs faster than this is not asked further in one round. */
const maxRecords = 20_000;
/** Few GPUs and some hundred codes; a bound all the same. */
const maxKinds = 1_000;

/** `NVRM: Xid (PCI:0000:3b:00): 79, pid=1234, GPU has fallen off the bus.` */
const xidLine = /NVRM: Xid \((?:PCI:)?([0-9a-fA-F:.]+)\): (\d+)/;

/** Counts the errors that the NVIDIA driver writes to the kernel log, from the oldest record still there. */
export function createXidCounter(kernelLog = '/dev/kmsg') {
  const counts = new Map<string, { gpu: string; code: string; count: number }>();
  let descriptor: number | undefined;
  const buffer = Buffer.alloc(recordBytes);

  /** Undefined when there is nothing more to read. */
  function nextRecord(): string | undefined {
    descriptor ??= openSync(kernelLog, constants.O_RDONLY | constants.O_NONBLOCK);
    for (;;) {
      try {
        const bytes = readSync(descriptor, buffer);
        return bytes === 0 ? undefined : buffer.toString('utf8', 0, bytes);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        // EPIPE: records were overwritten before they were read; the next read goes on with the oldest left.
        if (code === 'EPIPE') continue;
        if (code === 'EAGAIN') return undefined;
        throw error;
      }
    }
  }

  return {
    /** Readings of all that was seen so far. Throws when the kernel log cannot be read. */
    read(): HardwareReading[] {
      for (let records = 0; records < maxRecords; records += 1) {
        const record = nextRecord();
        if (record === undefined) break;
        for (const line of record.split('\n')) {
          const found = parseXid(line);
          if (!found) continue;
          const key = `${found.gpu} ${found.code}`;
          const known = counts.get(key) ?? { ...found, count: 0 };
          if (counts.size < maxKinds || counts.has(key)) counts.set(key, { ...known, count: known.count + 1 });
        }
      }
      return [...counts.values()].flatMap(({ gpu, code, count }) => {
        const component = describeComponent({ type: 'gpu', id: `gpu/pci/${gpu}`, name: `GPU ${gpu}` });
        component.add('hw.errors', count, { 'error.type': `xid_${code}` });
        return component.readings;
      });
    },
    close(): void {
      if (descriptor !== undefined) closeSync(descriptor);
      descriptor = undefined;
      counts.clear();
    },
  };
}

/** Address and code of a line of the kernel log, if it is an Xid. */
export function parseXid(line: string): { gpu: string; code: string } | undefined {
  const [, gpu, code] = xidLine.exec(line) ?? [];
  return gpu && code ? { gpu: gpu.toLowerCase(), code } : undefined;
}
