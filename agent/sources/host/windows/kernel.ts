import koffi from 'koffi';

const kernel32 = koffi.load('kernel32.dll');
const GetTickCount64 = kernel32.func('uint64_t __stdcall GetTickCount64()');
const GetSystemTimes = kernel32.func(
  'int __stdcall GetSystemTimes(_Out_ uint64_t *idle, _Out_ uint64_t *kernel, _Out_ uint64_t *user)',
);
const GlobalMemoryStatusEx = kernel32.func('int __stdcall GlobalMemoryStatusEx(void *status)');
const GetActiveProcessorCount = kernel32.func('uint32_t __stdcall GetActiveProcessorCount(uint16_t group)');
const GetLogicalProcessorInformationEx = kernel32.func(
  'int __stdcall GetLogicalProcessorInformationEx(int relation, void *buffer, _Inout_ uint32_t *bytes)',
);

const allGroups = 0xffff;
const relationProcessorCore = 0;
/** FILETIME counts in 100 ns. */
const perSecond = 1e7;

export const uptimeSeconds = (): number => Number(GetTickCount64()) / 1000;

/** Seconds since boot per mode, all processors together. Windows counts idle time as part of the kernel's. */
export function readProcessorTimes(): Record<'user' | 'system' | 'idle', number> | undefined {
  const idle: [number] = [0];
  const kernel: [number] = [0];
  const user: [number] = [0];
  if (!GetSystemTimes(idle, kernel, user)) return undefined;
  const idleSeconds = Number(idle[0]) / perSecond;
  return {
    user: Number(user[0]) / perSecond,
    system: Math.max(0, Number(kernel[0]) / perSecond - idleSeconds),
    idle: idleSeconds,
  };
}

/** In all processor groups, of which there is one more for every 64 logical processors. */
export const logicalProcessors = (): number => GetActiveProcessorCount(allGroups);

export function physicalCores(): number | undefined {
  const bytes: [number] = [0];
  GetLogicalProcessorInformationEx(relationProcessorCore, null, bytes);
  const buffer = Buffer.alloc(bytes[0]);
  if (buffer.length === 0 || !GetLogicalProcessorInformationEx(relationProcessorCore, buffer, bytes)) return undefined;
  let cores = 0;
  for (let at = 0; at + 8 <= bytes[0]; cores += 1) {
    const size = buffer.readUInt32LE(at + 4);
    if (size === 0) return undefined;
    at += size;
  }
  return cores;
}

export function readMemory(): { totalBytes: number; availableBytes: number } | undefined {
  // MEMORYSTATUSEX
  const status = Buffer.alloc(64);
  status.writeUInt32LE(status.length, 0);
  if (!GlobalMemoryStatusEx(status)) return undefined;
  return { totalBytes: Number(status.readBigUInt64LE(8)), availableBytes: Number(status.readBigUInt64LE(16)) };
}
