import { setTimeout as sleep } from 'node:timers/promises';

interface Capabilities {
  /** Whether a sample of this machine that is not older than the start can be queried. */
  hasData(): Promise<boolean>;
  say(text: string): void;
  nowMs(): number;
}

/** Resolves when this machine's data can be queried, or when `signal` says that nobody waits any more. */
export async function waitForData(
  { hasData, say, nowMs }: Capabilities,
  options: { pollEveryMs: number; remindEveryMs: number; signal: AbortSignal },
): Promise<void> {
  const startedMs = nowMs();
  let remindAtMs = startedMs + options.remindEveryMs;
  while (!options.signal.aborted && !(await hasData().catch(() => false))) {
    if (nowMs() >= remindAtMs) {
      say(
        `Still waiting after ${Math.round((nowMs() - startedMs) / 1000)} s; the log files of the data folder tell more`,
      );
      remindAtMs += options.remindEveryMs;
    }
    await sleep(options.pollEveryMs, undefined, { signal: options.signal }).catch(() => undefined);
  }
}
