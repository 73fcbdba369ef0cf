import koffi from 'koffi';
import type { ProcessSample } from '../top-processes.ts';

const ntdll = koffi.load('ntdll.dll');
const NtQuerySystemInformation = ntdll.func(
  'uint32_t __stdcall NtQuerySystemInformation(int what, void *buffer, uint32_t size, _Out_ uint32_t *needed)',
);

const systemProcessInformation = 5;
const lengthMismatch = 0xc0000004;
/** FILETIME and all times here count in 100 ns. */
const perSecond = 1e7;

let buffer = Buffer.alloc(256 * 1024);

/** Every process of the machine with one call: no handles, no rights on the processes, no process of our own. */
export function readProcesses(): ProcessSample[] {
  for (let tries = 0; tries < 4; tries += 1) {
    const needed: [number] = [0];
    const status: number = NtQuerySystemInformation(systemProcessInformation, buffer, buffer.length, needed);
    if (status === 0) return parseProcesses(buffer, koffi.address(buffer));
    if (status >>> 0 !== lengthMismatch) return [];
    buffer = Buffer.alloc(Math.max(needed[0], buffer.length) + 128 * 1024);
  }
  return [];
}

/** Reads SYSTEM_PROCESS_INFORMATION (64 bit); `base` is where the buffer lay, since names are pointers into it. */
export function parseProcesses(bytes: Buffer, base: bigint): ProcessSample[] {
  const processes: ProcessSample[] = [];
  for (let at = 0; at + 256 <= bytes.length; ) {
    const number = (offset: number) => Number(bytes.readBigInt64LE(at + offset));
    const pid = number(80);
    const nameBytes = bytes.readUInt16LE(at + 56);
    const nameAt = Number(bytes.readBigUInt64LE(at + 64) - base);
    const named = nameBytes > 0 && nameAt > 0 && nameAt + nameBytes <= bytes.length;
    // 0 is the idle process, which is no process.
    if (pid !== 0) {
      processes.push({
        pid,
        name: named ? bytes.toString('utf16le', nameAt, nameAt + nameBytes) : `process ${pid}`,
        startedAt: number(32),
        userSeconds: number(40) / perSecond,
        systemSeconds: number(48) / perSecond,
        residentBytes: number(144),
        virtualBytes: number(200),
        threads: bytes.readUInt32LE(at + 4),
        handles: bytes.readUInt32LE(at + 96),
        readBytes: number(232),
        writtenBytes: number(240),
      });
    }
    const next = bytes.readUInt32LE(at);
    if (next === 0) break;
    at += next;
  }
  return processes;
}
