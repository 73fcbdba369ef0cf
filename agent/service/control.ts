import { setTimeout as pause } from 'node:timers/promises';
import koffi from 'koffi';
import { SextantError } from '../../errors/sextant-error.ts';
import { lastFailure, type WindowsError } from '../windows/failure.ts';
import { service } from './definition.ts';

const advapi32 = koffi.load('advapi32.dll');
const kernel32 = koffi.load('kernel32.dll');
const OpenSCManagerW = advapi32.func(
  'void *__stdcall OpenSCManagerW(const char16_t *machine, const char16_t *database, uint32_t access)',
);
const OpenServiceW = advapi32.func(
  'void *__stdcall OpenServiceW(void *manager, const char16_t *name, uint32_t access)',
);
const CloseServiceHandle = advapi32.func('int __stdcall CloseServiceHandle(void *handle)');
const QueryServiceStatusEx = advapi32.func(
  'int __stdcall QueryServiceStatusEx(void *service, int level, void *status, uint32_t size, _Out_ uint32_t *needed)',
);
const ControlService = advapi32.func('int __stdcall ControlService(void *service, uint32_t control, void *status)');
const StartServiceW = advapi32.func('int __stdcall StartServiceW(void *service, uint32_t count, void *arguments)');
const OpenProcess = kernel32.func('void *__stdcall OpenProcess(uint32_t access, int inherit, uint32_t id)');
const WaitForSingleObject = kernel32.func('uint32_t __stdcall WaitForSingleObject(void *handle, uint32_t ms)');
const CloseHandle = kernel32.func('int __stdcall CloseHandle(void *handle)');

/** SC_MANAGER_CONNECT */
const connectAccess = 0x1;
export const access = { query: 0x4, start: 0x10, stop: 0x20, change: 0x2 } as const;
const synchronize = 0x00100000;
const stopControl = 1;
const errors = { accessDenied: 5, notFound: 1060, alreadyRunning: 1056, notActive: 1062 } as const;
const stateNames = ['', 'stopped', 'starting', 'stopping', 'running', 'continuing', 'pausing', 'paused'] as const;

const pollMs = 100;

export interface ServiceState {
  state: (typeof stateNames)[number];
  /** 0 when it does not run. */
  processId: number;
  /** What the service said itself when it ended last; 0 when all was well. */
  exitCode: number;
}

/**
 * Opens the agent's service for `use` and closes it afterwards.
 * Throws SX_NOT_FOUND when it is not installed, SX_FORBIDDEN without the rights of an administrator.
 */
export async function withService<T>(rights: number, use: (handle: bigint) => T | Promise<T>): Promise<T> {
  const manager: bigint | null = OpenSCManagerW(null, null, connectAccess);
  if (!manager) throw explain(lastFailure('OpenSCManagerW'));
  try {
    const handle: bigint | null = OpenServiceW(manager, service.name, rights);
    if (!handle) throw explain(lastFailure('OpenServiceW'));
    try {
      return await use(handle);
    } finally {
      CloseServiceHandle(handle);
    }
  } finally {
    CloseServiceHandle(manager);
  }
}

function explain(failure: WindowsError): Error {
  if (failure.number === errors.notFound) {
    return new SextantError('SX_NOT_FOUND', `there is no service ${service.name} on this machine`, {
      cause: failure,
      nextStep: 'install it with the MSI, or run the agent in this window with `sextant agent run`',
    });
  }
  if (failure.number === errors.accessDenied) {
    return new SextantError('SX_FORBIDDEN', `this needs the rights of an administrator: ${failure.message}`, {
      cause: failure,
      nextStep: 'run it in a window that was opened as administrator',
    });
  }
  return failure;
}

/** How the service is now. */
export const queryService = (): Promise<ServiceState> => withService(access.query, query);

function query(handle: bigint): ServiceState {
  // SERVICE_STATUS_PROCESS: the seven numbers of SERVICE_STATUS, the process and flags.
  const status = new Uint32Array(9);
  if (!QueryServiceStatusEx(handle, 0, status, status.byteLength, [0])) throw lastFailure('QueryServiceStatusEx');
  return { state: stateNames[status[1] ?? 0] ?? '', processId: status[7] ?? 0, exitCode: status[4] ?? 0 };
}

/** Starts the service; resolves when it runs, which is when it collects. A service that runs already is left alone. */
export async function startService(timeoutMs: number): Promise<void> {
  await withService(access.start | access.query, async (handle) => {
    if (!StartServiceW(handle, 0, null)) {
      const failure = lastFailure('StartServiceW');
      if (failure.number !== errors.alreadyRunning) throw explain(failure);
    }
    const until = performance.now() + timeoutMs;
    for (;;) {
      const { state, exitCode } = query(handle);
      if (state === 'running') return;
      if (state === 'stopped') {
        throw new SextantError('SX_UNAVAILABLE', `the service ended while it started (code ${exitCode})`, {
          nextStep: `read the reason in the Application log, source "${service.displayName}"`,
        });
      }
      if (performance.now() > until) throw late('start', timeoutMs);
      await pause(pollMs);
    }
  });
}

/**
 * Stops the service; resolves when its process has ended too, so that its files can be replaced or removed. A service
 * that does not run is left alone.
 */
export async function stopService(timeoutMs: number): Promise<void> {
  await withService(access.stop | access.query, async (handle) => {
    const { state, processId } = query(handle);
    if (state === 'stopped') return;
    const until = performance.now() + timeoutMs;
    const process: bigint | null = processId > 0 ? OpenProcess(synchronize, 0, processId) : null;
    try {
      const runs = () => process !== null && WaitForSingleObject(process, 0) !== 0;
      while (query(handle).state === 'starting' && performance.now() < until) await pause(pollMs);
      if (!ControlService(handle, stopControl, new Uint32Array(7))) {
        const failure = lastFailure('ControlService');
        // A process that has been killed needs no stop; the manager may not have noticed yet.
        if (failure.number === errors.notActive || !runs()) return;
        throw explain(failure);
      }
      while (query(handle).state !== 'stopped' || runs()) {
        if (performance.now() > until) throw late('stop', timeoutMs);
        await pause(pollMs);
      }
    } finally {
      if (process) CloseHandle(process);
    }
  });
}

const late = (what: string, timeoutMs: number) =>
  new SextantError('SX_UNAVAILABLE', `the service did not ${what} within ${timeoutMs / 1000} s`, {
    nextStep: 'see the Application event log, source Sextant Agent, and agent\\log\\agent.log in its data folder',
  });
