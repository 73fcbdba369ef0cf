import { setTimeout } from 'node:timers/promises';

/** Rejects with the reason of the cancellation, not with what timers make of it. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
}
