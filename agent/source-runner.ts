import type { Log } from '../logging/log.ts';
import type { SourceHealth } from '../protocol/control.ts';
import type { Source } from './sources/source.ts';
import { createBackoff } from './uplink/backoff.ts';

const firstRetryMs = 1_000;
const maxRetryMs = 60_000;

export interface SourceRunner {
  /** Starts all; resolves when each has started once or failed once. Never rejects. */
  start(): Promise<void>;
  health(): SourceHealth[];
  restarts(): number;
  close(): Promise<void>;
}

/** Runs the sources apart from each other: one that throws is tried again with growing pauses, the others go on. */
export function createSourceRunner(sources: readonly Source[], log: Log): SourceRunner {
  const stopping = new AbortController();
  const failures = new Map<Source, string>();
  const retrying: Promise<void>[] = [];
  let restarts = 0;

  async function tryStart(source: Source): Promise<boolean> {
    try {
      await source.start();
      failures.delete(source);
      return true;
    } catch (error) {
      failures.set(source, (error as Error).message);
      log.error({ err: error, source: source.name }, 'a source failed to start; trying again');
      await source.close().catch(() => undefined);
      return false;
    }
  }

  async function retry(source: Source): Promise<void> {
    const backoff = createBackoff({ firstMs: firstRetryMs, maxMs: maxRetryMs });
    while (!stopping.signal.aborted) {
      await backoff.wait(stopping.signal);
      if (stopping.signal.aborted) return;
      restarts += 1;
      if (await tryStart(source)) return;
    }
  }

  return {
    async start() {
      await Promise.all(
        sources.map(async (source) => {
          if (!(await tryStart(source))) retrying.push(retry(source));
        }),
      );
    },
    health: () =>
      sources.map((source) => {
        const detail = failures.get(source);
        if (detail === undefined) return source.health();
        return { ...source.health(), state: 'failing', detail: detail.slice(0, 1024) };
      }),
    restarts: () => restarts,
    async close() {
      stopping.abort();
      await Promise.all(retrying);
      await Promise.all(
        sources.map((source) =>
          source
            .close()
            .catch((error: unknown) => log.warn({ err: error, source: source.name }, 'a source did not close')),
        ),
      );
    },
  };
}
