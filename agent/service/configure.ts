import koffi from 'koffi';
import { lastFailure, type WindowsError } from '../windows/failure.ts';
import { access, withService } from './control.ts';
import { service } from './definition.ts';

const advapi32 = koffi.load('advapi32.dll');
const ChangeServiceConfig2W = advapi32.func(
  'int __stdcall ChangeServiceConfig2W(void *service, uint32_t level, void *info)',
);

const Description = koffi.struct({ text: 'str16' });
const Action = koffi.struct({ type: 'uint32_t', delayMs: 'uint32_t' });
const FailureActions = koffi.struct({
  resetSeconds: 'uint32_t',
  rebootMessage: 'str16',
  command: 'str16',
  count: 'uint32_t',
  actions: koffi.pointer(Action),
});
const OneNumber = koffi.struct({ value: 'uint32_t' });
const Privileges = koffi.struct({ names: 'void *' });
/** SC_ACTION_RESTART */
const restart = 1;
/** SERVICE_SID_TYPE_UNRESTRICTED: the token carries NT SERVICE\SextantAgent, which folders can be given to. */
const unrestricted = 1;

/**
 * Gives the installed service what an MSI cannot: restart with growing pauses after a crash and after a start that
 * failed, delayed automatic start, a SID of its own, few privileges, time to flush at shutdown.
 *
 * Returns what the service manager refused, each by its name; the rest is set. Throws as `withService` does.
 */
export function configureService(): Promise<{ setting: string; failure: WindowsError }[]> {
  const privileges = Buffer.from(`${service.privileges.join('\0')}\0\0`, 'utf16le');
  // Level (SERVICE_CONFIG_… of winsvc.h), its structure and what to set.
  const settings = [
    ['description', 1, Description, { text: service.description }],
    [
      'failure actions',
      2,
      FailureActions,
      {
        resetSeconds: service.forgetFailuresAfterSeconds,
        rebootMessage: null,
        command: null,
        count: service.restartAfterMs.length,
        actions: service.restartAfterMs.map((delayMs) => ({ type: restart, delayMs })),
      },
    ],
    ['delayed start', 3, OneNumber, { value: 1 }],
    ['failure actions after a failed start', 4, OneNumber, { value: 1 }],
    ['service SID', 5, OneNumber, { value: unrestricted }],
    ['privileges', 6, Privileges, { names: privileges }],
    ['time at shutdown', 7, OneNumber, { value: service.preshutdownTimeoutMs }],
  ] as const;
  // SERVICE_CHANGE_CONFIG, and SERVICE_START, which a restart as failure action asks for.
  return withService(access.change | access.start, (handle) =>
    settings.flatMap(([setting, level, type, value]) =>
      ChangeServiceConfig2W(handle, level, koffi.as(value, koffi.pointer(type)))
        ? []
        : [{ setting, failure: lastFailure('ChangeServiceConfig2W') }],
    ),
  );
}
