import { PrometheusFailure } from './failure.ts';

/**
 * Lets a few work at a time; others wait in order. Throws a failure `timeout` when the wait takes too long, and the
 * signal's reason where it had ended before.
 */
export function createTurns(atOnce: number) {
  let free = atOnce;
  const waiting: (() => void)[] = [];
  const release = (): void => {
    const next = waiting.shift();
    if (next) next();
    else free++;
  };

  async function wait(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (free > 0) {
      free--;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const turn = (): void => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = (): void => {
        waiting.splice(waiting.indexOf(turn), 1);
        reject(new PrometheusFailure('timeout', 'query timed out in query queue'));
      };
      signal.addEventListener('abort', giveUp, { once: true });
      waiting.push(turn);
    });
  }

  return async <Answer>(signal: AbortSignal, work: () => Promise<Answer>): Promise<Answer> => {
    await wait(signal);
    try {
      return await work();
    } finally {
      release();
    }
  };
}
