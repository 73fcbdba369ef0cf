import type { Log } from '../logging/log.ts';

/** What has been started, so that it can be stopped in the reverse order, also when a later part fails to start. */
export interface Closers {
  add(name: string, close: () => void | Promise<void>): void;
  /** Closes the last first. A part that fails or takes longer than its share is logged and left behind. */
  closeAll(): Promise<void>;
}

export function createClosers(log: Log, options: { eachWithinMs: number }): Closers {
  const parts: { name: string; close: () => void | Promise<void> }[] = [];
  return {
    add: (name, close) => parts.push({ name, close }),
    async closeAll() {
      for (let part = parts.pop(); part; part = parts.pop()) {
        const { name, close } = part;
        let timer: NodeJS.Timeout | undefined;
        const tooLate = new Promise<never>((_, reject) => {
          timer = setTimeout(
            () => reject(new Error(`not closed within ${options.eachWithinMs} ms`)),
            options.eachWithinMs,
          );
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
