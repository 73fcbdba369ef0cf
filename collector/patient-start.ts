import { setTimeout as delay } from 'node:timers/promises';
import { SextantError } from '../errors/sextant-error.ts';
import type { Log } from '../logging/log.ts';

/**
 * Starts what needs some space on the disk, and tries again while there is none: a collector that was killed on a full
 * disk is to come back by itself when somebody makes room. Any other failure is thrown, and that of the disk when
 * `stopped` ends the wait (SX_DISK_FULL).
 */
export async function startWhenThereIsSpace<Started>(
  start: () => Promise<Started>,
  { log, stopped, retryEveryMs = 2000 }: { log: Log; stopped: AbortSignal; retryEveryMs?: number },
): Promise<Started> {
  for (let waits = 0; ; waits++) {
    try {
      return await start();
    } catch (error) {
      if (!isNoSpace(error)) throw error;
      const reason = (error as Error).message;
      if (waits % 30 === 0) log.error({ reason }, 'the disk is full, so the collector cannot start; it is tried again');
      await delay(retryEveryMs, undefined, { signal: stopped }).catch(() => {});
      if (stopped.aborted) throw new SextantError('SX_DISK_FULL', `cannot start: ${reason}`, { cause: error });
    }
  }
}

/** Whether a full disk is what lies at the bottom of a failure: of the system, of SQLite, or of the storage engine. */
export function isNoSpace(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') return true;
  if (/database or disk is full|No space left on device|NOT_ENOUGH_SPACE/.test(error.message)) return true;
  return isNoSpace(error.cause);
}
