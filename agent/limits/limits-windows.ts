import koffi from 'koffi';
import { lastFailure } from '../windows/failure.ts';
import type { AppliedLimits, WantedLimits } from './process-limits.ts';

const kernel32 = koffi.load('kernel32.dll');
const CreateJobObjectW = kernel32.func('void *__stdcall CreateJobObjectW(void *attributes, const char16_t *name)');
const SetInformationJobObject = kernel32.func(
  'int __stdcall SetInformationJobObject(void *job, int kind, const uint8_t *information, uint32_t length)',
);
const AssignProcessToJobObject = kernel32.func('int __stdcall AssignProcessToJobObject(void *job, void *process)');
const GetCurrentProcess = kernel32.func('void *__stdcall GetCurrentProcess()');
const SetPriorityClass = kernel32.func('int __stdcall SetPriorityClass(void *process, uint32_t priority)');
const GetActiveProcessorCount = kernel32.func('uint32_t __stdcall GetActiveProcessorCount(uint16_t group)');

const ntdll = koffi.load('ntdll.dll');
const NtSetInformationProcess = ntdll.func(
  'int32_t __stdcall NtSetInformationProcess(void *process, int kind, const uint32_t *information, uint32_t length)',
);

const belowNormal = 0x4000;
/** ProcessIoPriority; what is started inherits it. */
const ioPriority = 33;
/** IoPriorityLow: behind the disks' other users, and not the last of all, who may wait for minutes. */
const low = 1;
const allGroups = 0xffff;
const information = { extendedLimits: 9, cpuRate: 15 };
/** JOB_OBJECT_LIMIT_PROCESS_MEMORY: each process for itself, since PowerShell alone takes as much as we do. */
const limitProcessMemory = 0x100;
/** JOB_OBJECT_CPU_RATE_CONTROL_ENABLE | …_HARD_CAP */
const hardCap = 0x1 | 0x4;
/** JOBOBJECT_EXTENDED_LIMIT_INFORMATION of 64-bit Windows: LimitFlags and ProcessMemoryLimit in it. */
export const extended = { bytes: 144, flagsAt: 16, processMemoryAt: 112 };
/** What is refused at the job's bound ends the process; what the agent sheds by itself comes long before. */
const memoryFactor = 2;

/**
 * A Job Object that holds this process and all that it starts: a hard cap of processor time, and commit at twice the
 * memory limit, where Windows refuses it more. And a priority below everything that has not asked to wait.
 */
export function applyWindowsLimits(wanted: WantedLimits): AppliedLimits {
  const applied: AppliedLimits = { holds: [], missing: [] };
  const attempt = (what: string, work: () => boolean, call: string): void => {
    try {
      if (!work()) throw lastFailure(call);
      applied.holds.push(what);
    } catch (error) {
      applied.missing.push(`${what}: ${(error as Error).message}`);
    }
  };
  attempt('priority below normal', () => SetPriorityClass(GetCurrentProcess(), belowNormal) !== 0, 'SetPriorityClass');
  const status: number = NtSetInformationProcess(GetCurrentProcess(), ioPriority, Uint32Array.of(low), 4);
  if (status === 0) applied.holds.push('I/O priority low');
  else applied.missing.push(`I/O priority: Windows refuses it (status 0x${(status >>> 0).toString(16)})`);
  const job = CreateJobObjectW(null, null);
  if (!job) {
    applied.missing.push(`job object: ${lastFailure('CreateJobObjectW').message}`);
    return applied;
  }
  const memory = Buffer.alloc(extended.bytes);
  memory.writeUInt32LE(limitProcessMemory, extended.flagsAt);
  memory.writeBigUInt64LE(BigInt(wanted.memoryBytes * memoryFactor), extended.processMemoryAt);
  const cpu = Buffer.alloc(8);
  cpu.writeUInt32LE(hardCap, 0);
  // In hundredths of a percent of all processors together.
  cpu.writeUInt32LE(
    Math.max(1, Math.round((wanted.cpuPercent * 100) / Math.max(1, GetActiveProcessorCount(allGroups)))),
    4,
  );
  const set = (kind: number, bytes: Buffer) => SetInformationJobObject(job, kind, bytes, bytes.length) !== 0;
  attempt(
    `job commit ${wanted.memoryBytes * memoryFactor} bytes`,
    () => set(information.extendedLimits, memory),
    'SetInformationJobObject',
  );
  attempt(`job processor time ${wanted.cpuPercent} %`, () => set(information.cpuRate, cpu), 'SetInformationJobObject');
  attempt('job object', () => AssignProcessToJobObject(job, GetCurrentProcess()) !== 0, 'AssignProcessToJobObject');
  return applied;
}
