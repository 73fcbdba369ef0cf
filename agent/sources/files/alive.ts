import type { LogPipeline } from '../source.ts';

const aliveKey = 'files:alive';

/** When the source last knew of all that had been written to what it follows; NaN before it first ran. */
export const lastAliveUnixMs = (logs: LogPipeline): number => Number(logs.position(aliveKey));

export const markAlive = (logs: LogPipeline, nowMs: number): void => logs.mark(aliveKey, String(nowMs));

/**
 * Forgets a file that was read and is gone. What it may have been compressed to is older than the mark that becomes
 * durable with it, so that it is not taken for news after a restart.
 */
export function forgetRead(logs: LogPipeline, key: string, nowMs: number): void {
  markAlive(logs, nowMs);
  logs.forget(key);
}
