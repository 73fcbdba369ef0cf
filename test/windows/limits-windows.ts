import koffi from 'koffi';
import { applyWindowsLimits, extended } from '../../agent/limits/limits-windows.ts';
import { machineGuid } from '../../agent/windows/machine-guid.ts';

/** Runs under Wine: sets the agent's limits, then reads back from Windows what holds this process. */
const kernel32 = koffi.load('kernel32.dll');
const QueryInformationJobObject = kernel32.func(
  'int __stdcall QueryInformationJobObject(void *job, int kind, _Out_ uint8_t *information, uint32_t length, void *returned)',
);
const IsProcessInJob = kernel32.func('int __stdcall IsProcessInJob(void *process, void *job, _Out_ int *result)');
const GetCurrentProcess = kernel32.func('void *__stdcall GetCurrentProcess()');
const GetPriorityClass = kernel32.func('uint32_t __stdcall GetPriorityClass(void *process)');
const GetLastError = kernel32.func('uint32_t __stdcall GetLastError()');

const inJob = (): boolean => {
  const result = [0];
  return IsProcessInJob(GetCurrentProcess(), null, result) !== 0 && result[0] !== 0;
};
/** What is kept of the limits of the job that this process is in. */
function query(kind: number, bytes: number): { bytes: number[] } | { error: number } {
  const information = Buffer.alloc(bytes);
  if (QueryInformationJobObject(null, kind, information, bytes, null) === 0) return { error: GetLastError() };
  return { bytes: [...information] };
}

const before = inJob();
const applied = applyWindowsLimits({ memoryBytes: 268_435_456, cpuPercent: 50 });
console.log(
  JSON.stringify({
    before,
    applied,
    after: inJob(),
    priority: GetPriorityClass(GetCurrentProcess()),
    layout: extended,
    kept: query(9, extended.bytes),
    machineGuid: machineGuid(),
  }),
);
