import { PrometheusFailure } from './failure.ts';

/** Says that an answer has left, or never will. */
type Release = () => void;

/**
 * Bounds the bytes of answers that their readers have not taken yet; one alone may be larger. Throws a failure `timeout`
 * when there is no room in time.
 */
export function createUnsent(mostBytes: number) {
  let held = 0;
  const waiting = new Set<() => boolean>();

  return async (bytes: number, signal: AbortSignal): Promise<Release> => {
    const enter = (): boolean => {
      if (held > 0 && held + bytes > mostBytes) return false;
      held += bytes;
      return true;
    };
    signal.throwIfAborted();
    if (!enter()) await room(enter, signal);
    return () => {
      held -= bytes;
      bytes = 0;
      for (const retry of [...waiting]) if (retry()) waiting.delete(retry);
    };
  };

  function room(enter: () => boolean, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const retry = (): boolean => {
        if (!enter()) return false;
        signal.removeEventListener('abort', giveUp);
        resolve();
        return true;
      };
      const giveUp = (): void => {
        waiting.delete(retry);
        reject(new PrometheusFailure('timeout', 'query timed out: answers before it were not taken by their readers'));
      };
      signal.addEventListener('abort', giveUp, { once: true });
      waiting.add(retry);
    });
  }
}
