import koffi from 'koffi';
import { lastFailure, WindowsError } from '../windows/failure.ts';
import type { ServiceStatusNumbers } from './status.ts';

const advapi32 = koffi.load('advapi32.dll');
const ServiceMain = koffi.proto('void __stdcall SextantServiceMain(uint32_t count, void *arguments)');
const HandlerEx = koffi.proto(
  'uint32_t __stdcall SextantHandlerEx(uint32_t control, uint32_t type, void *data, void *context)',
);
const StartServiceCtrlDispatcherW = advapi32.func('int __stdcall StartServiceCtrlDispatcherW(void *table)');
const RegisterServiceCtrlHandlerExW = advapi32.func(
  'void *__stdcall RegisterServiceCtrlHandlerExW(const char16_t *name, void *handler, void *context)',
);
const SetServiceStatus = advapi32.func('int __stdcall SetServiceStatus(void *service, void *status)');

const controls: Readonly<Record<number, 'stop' | 'preshutdown' | 'interrogate'>> = {
  1: 'stop',
  4: 'interrogate',
  15: 'preshutdown',
};
const callNotImplemented = 120;

export interface Connection {
  setStatus(status: ServiceStatusNumbers): void;
  /** Resolves when the service manager lets go of the process, which it does after STOPPED. */
  ended: Promise<void>;
}

/**
 * Connects this process to the service manager, in the process itself: its thread of the pool is what the manager
 * calls, and its calls are handed to the event loop. Resolves when the manager has called the service's main function.
 *
 * Rejects with ERROR_FAILED_SERVICE_CONTROLLER_CONNECT (1063) when it was not the manager that started this process.
 */
export function connectToServiceManager(
  name: string,
  onControl: (control: 'stop' | 'preshutdown') => void,
): Promise<Connection> {
  const { promise, resolve, reject } = Promise.withResolvers<Connection>();
  const ended = Promise.withResolvers<void>();

  const handler = koffi.register((control: number) => {
    const known = controls[control];
    if (known === undefined) return callNotImplemented;
    if (known !== 'interrogate') onControl(known);
    return 0;
  }, koffi.pointer(HandlerEx));

  const main = koffi.register(() => {
    const service: bigint | null = RegisterServiceCtrlHandlerExW(name, handler, null);
    if (!service) {
      reject(lastFailure('RegisterServiceCtrlHandlerExW'));
      return;
    }
    resolve({
      setStatus: (status) => {
        SetServiceStatus(service, Uint32Array.from(status));
      },
      ended: ended.promise,
    });
  }, koffi.pointer(ServiceMain));

  // Two entries of { name, main function }; the second, all zero, ends the table. Both must outlive the call.
  const wideName = Buffer.from(`${name}\0`, 'utf16le');
  const table = Buffer.alloc(32);
  table.writeBigUInt64LE(koffi.address(wideName), 0);
  table.writeBigUInt64LE(main, 8);
  StartServiceCtrlDispatcherW.async(table, (error: Error | null, connected: number) => {
    // GetLastError belongs to the thread that called; the one failure that is met in practice is known without it.
    if (error || !connected) reject(error ?? new WindowsError('StartServiceCtrlDispatcherW', 1063));
    ended.resolve();
    // Keeps name and table from being collected while the manager has them.
    void [wideName, table];
  });
  return promise;
}
