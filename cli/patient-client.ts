import { setTimeout as delay } from 'node:timers/promises';
import { SextantError } from '../errors/sextant-error.ts';
import type { ApiClient } from './api-client.ts';

/** A collector that starts again replays its journal first; a machine that does takes minutes. */
const patienceMs = 300_000;
const everyMs = 1000;
/** What a collector answers, or fails to, while it is away or starting. */
const passing = new Set(['SX_NO_COLLECTOR', 'SX_UNAVAILABLE']);

/**
 * Reads from a collector over its restarts: what gets no answer is asked again every second, for five minutes at most. `open`
 * makes a client anew, since a restarted collector has another token and may have another port. `onWait` is told once
 * for each absence, with its reason.
 */
export function createPatientClient(
  open: () => ApiClient,
  { signal, onWait }: { signal: AbortSignal; onWait(reason: string): void },
  limits = { patienceMs, everyMs },
): Pick<ApiClient, 'get' | 'bytes' | 'send' | 'close'> {
  let client = open();

  async function reopen(): Promise<void> {
    // Without a collector there may be no address to open; the old one is kept then.
    try {
      const next = open();
      await client.close();
      client = next;
    } catch (error) {
      if (!(error instanceof SextantError) || error.code !== 'SX_NO_COLLECTOR') throw error;
    }
  }

  async function patiently<T>(ask: () => Promise<T>): Promise<T> {
    let awaySinceMs: number | undefined;
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (signal.aborted || !(error instanceof SextantError)) throw error;
        // The token of before is no longer one after a restart.
        const away = passing.has(error.code) || (awaySinceMs !== undefined && error.code === 'SX_UNAUTHENTICATED');
        if (!away) throw error;
        if (awaySinceMs === undefined) onWait(error.message);
        awaySinceMs ??= performance.now();
        if (performance.now() - awaySinceMs > limits.patienceMs) throw error;
        await delay(limits.everyMs, undefined, { signal }).catch(() => undefined);
        if (signal.aborted) throw error;
        await reopen();
      }
    }
  }

  return {
    get: (path, query) => patiently(() => client.get(path, query)),
    bytes: (path) => patiently(() => client.bytes(path)),
    send: (method, path, body) => client.send(method, path, body),
    close: () => client.close(),
  };
}
