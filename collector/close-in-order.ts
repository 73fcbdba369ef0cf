import type { Log } from '../logging/log.ts';

/** What has been started, so that it can be stopped in the reverse order, also when a later part fails to start. */
export interface Closers {
  /** `withinMs`: its share of the time there is to stop; 2 s. */
  add(name: string, close: () => void | Promise<void>, options?: { withinMs: number }): void;
  /** Closes the last first. A part that fails or takes longer than its share is logged and left behind. */
  closeAll(): Promise<void>;
}

const usualWithinMs = 2000;

export function createClosers(log: Log): Closers {
  const parts: { name: string; close: () => void | Promise<void>; withinMs: number }[] = [];
  return {
    add: (name, close, { withinMs } = { withinMs: usualWithinMs }) => parts.push({ name, close, withinMs }),
    async closeAll() {
      for (let part = parts.pop(); part; part = parts.pop()) {
        const { name, close, withinMs } = part;
        let timer: NodeJS.Timeout | undefined;
        const tooLate = new Promise<never>((_, reject) => {
          timer = setTimeout(() => reject(new Error(`not closed within ${withinMs} ms`)), withinMs);
        });
        try {
          await Promise.race([close(), tooLate]);
          log.debug({ part: name }, 'closed');
        } catch (error) {
          log.error({ part: name, error: (error as Error).message }, 'a part did not close');
        } finally {
          clearTimeout(timer);
        }
      }
    },
  };
}
