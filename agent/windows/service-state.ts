import koffi from 'koffi';
import { lastFailure } from './failure.ts';

const advapi32 = koffi.load('advapi32.dll');
const OpenSCManagerW = advapi32.func(
  'void *__stdcall OpenSCManagerW(const char16_t *machine, const char16_t *database, uint32_t access)',
);
const OpenServiceW = advapi32.func(
  'void *__stdcall OpenServiceW(void *manager, const char16_t *name, uint32_t access)',
);
const QueryServiceStatus = advapi32.func('int __stdcall QueryServiceStatus(void *service, void *status)');
const CloseServiceHandle = advapi32.func('int __stdcall CloseServiceHandle(void *handle)');

/** SC_MANAGER_CONNECT and SERVICE_QUERY_STATUS, which every user has. */
const [connectAccess, queryStatus] = [0x1, 0x4];
/** ERROR_INVALID_NAME and ERROR_SERVICE_DOES_NOT_EXIST */
const absent = [123, 1060];
/** dwCurrentState of SERVICE_STATUS, from 1 on. */
const states = [
  'stopped',
  'start_pending',
  'stop_pending',
  'running',
  'continue_pending',
  'pause_pending',
  'paused',
] as const;
export type WindowsServiceState = (typeof states)[number] | 'not_found';

/** State of services by their names; no program is started for it. Throws WindowsError for what Windows refuses. */
export function serviceStates(names: readonly string[]): Map<string, WindowsServiceState> {
  const manager: bigint | null = OpenSCManagerW(null, null, connectAccess);
  if (!manager) throw lastFailure('OpenSCManagerW');
  try {
    return new Map(names.map((name) => [name, stateOf(manager, name)]));
  } finally {
    CloseServiceHandle(manager);
  }
}

function stateOf(manager: bigint, name: string): WindowsServiceState {
  const service: bigint | null = OpenServiceW(manager, name, queryStatus);
  if (!service) {
    const failure = lastFailure('OpenServiceW');
    if (absent.includes(failure.number)) return 'not_found';
    throw failure;
  }
  try {
    // SERVICE_STATUS: the type, the state, and five more numbers.
    const status = new Uint32Array(7);
    if (!QueryServiceStatus(service, status)) throw lastFailure('QueryServiceStatus');
    return states[(status[1] ?? 0) - 1] ?? 'stopped';
  } finally {
    CloseServiceHandle(service);
  }
}
