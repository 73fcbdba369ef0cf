export interface Backoff {
  /** Waits for a random time up to the current bound, which then doubles; returns early when woken or aborted. */
  wait(signal: AbortSignal, atLeastMs?: number): Promise<void>;
  /** Ends the wait under way, if any. */
  wake(): void;
  /** Back to the first bound, after a success. */
  reset(): void;
}

/**
 * Full jitter: each pause is uniform between zero and a bound that doubles, so that many agents that lost the same
 * collector come back spread out. Never gives up.
 */
export function createBackoff(options: { firstMs: number; maxMs: number; random?: () => number }): Backoff {
  const random = options.random ?? Math.random;
  const firstMs = Math.min(options.firstMs, options.maxMs);
  let boundMs = firstMs;
  let wake = (): void => undefined;
  return {
    async wait(signal, atLeastMs = 0) {
      if (signal.aborted) return;
      const pauseMs = Math.max(random() * boundMs, atLeastMs);
      boundMs = Math.min(boundMs * 2, options.maxMs);
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, pauseMs);
      wake = resolve;
      const onAbort = (): void => resolve();
      signal.addEventListener('abort', onAbort);
      await promise;
      signal.removeEventListener('abort', onAbort);
      clearTimeout(timer);
      wake = () => undefined;
    },
    wake: () => wake(),
    reset() {
      boundMs = firstMs;
    },
  };
}
