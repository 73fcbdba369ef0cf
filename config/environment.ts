import { join, resolve } from 'node:path';
import { root } from './root.ts';

/**
 * The data folder of a command that is given none: `SEXTANT_DATA_DIR`, else `%ProgramData%\Sextant` on Windows, where
 * programs lie apart from their data, else `data` beside the program. Absolute.
 * The environment is read here and nowhere else.
 */
export function defaultDataDir(): string {
  const { SEXTANT_DATA_DIR, ProgramData } = process.env;
  if (SEXTANT_DATA_DIR) return resolve(SEXTANT_DATA_DIR);
  return process.platform === 'win32' && ProgramData ? join(ProgramData, 'Sextant') : resolve(join(root, 'data'));
}

/** The environment for a child process: this one's, with some variables set. */
export function environmentWith(variables: Record<string, string>): NodeJS.ProcessEnv {
  return { ...process.env, ...variables };
}

/** Whether the person asked for output without colours (https://no-color.org). */
export function noColorAsked(): boolean {
  return Boolean(process.env.NO_COLOR) || process.env.TERM === 'dumb';
}

/** Socket of the service manager that started this process as a service of `Type=notify`. */
export function notifySocket(): string | undefined {
  return process.env.NOTIFY_SOCKET || undefined;
}

/** Microseconds within which the service manager wants to hear from this process. */
export function watchdogUsec(): number | undefined {
  const { WATCHDOG_USEC, WATCHDOG_PID } = process.env;
  if (WATCHDOG_PID && Number(WATCHDOG_PID) !== process.pid) return undefined;
  return Number(WATCHDOG_USEC) > 0 ? Number(WATCHDOG_USEC) : undefined;
}
