import type { Log } from '../logging/log.ts';

export interface Closers {
  /** What must be closed later; closed in reverse order. */
  add(name: string, close: () => Promise<void> | void): void;
  /** Closes all, the last added first. A part that fails or is late is logged and left behind; never rejects. */
  close(deadlineMs: number): Promise<void>;
}

export function createClosers(log: Log): Closers {
  let parts: { name: string; close: () => Promise<void> | void }[] = [];
  return {
    add: (name, close) => parts.push({ name, close }),
    async close(deadlineMs) {
      const rest = parts.reverse();
      parts = [];
      const until = performance.now() + deadlineMs;
      for (const [index, { name, close }] of rest.entries()) {
        const { promise: late, resolve } = Promise.withResolvers<'late'>();
        // The parts that follow keep a share of what is left: one that hangs must not cost the others their chance.
        const shareMs = Math.max(50, (until - performance.now()) / Math.min(2, rest.length - index));
        const timer = setTimeout(() => resolve('late'), shareMs);
        try {
          if ((await Promise.race([Promise.resolve(close()), late])) === 'late')
            log.warn({ part: name }, 'close is late');
        } catch (error) {
          log.warn({ err: error, part: name }, 'close failed');
        }
        clearTimeout(timer);
      }
    },
  };
}
