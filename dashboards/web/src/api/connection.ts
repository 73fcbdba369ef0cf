import { signal } from '@preact/signals';

export interface Lost {
  sinceMs: number;
  /** When the next try is due. */
  nextTryMs: number;
}

/** Null while the collector answers. */
export const lost = signal<Lost | null>(null);

/** Counts recoveries: whoever shows data asks again when it changes. */
export const recoveries = signal(0);

const firstPauseMs = 1000;
const longestPauseMs = 10_000;
let timer: ReturnType<typeof setTimeout> | undefined;
let pauseMs = firstPauseMs;

/** Asks the collector now whether it is there, and plans the next question while it is not. */
export async function tryAgain(): Promise<void> {
  clearTimeout(timer);
  const answered = await fetch('/api/v1/health', { cache: 'no-store' }).then(
    (response) => response.ok,
    () => false,
  );
  if (lost.value === null) return;
  if (answered) {
    lost.value = null;
    pauseMs = firstPauseMs;
    recoveries.value += 1;
    return;
  }
  lost.value = { sinceMs: lost.value.sinceMs, nextTryMs: Date.now() + pauseMs };
  timer = setTimeout(() => void tryAgain(), pauseMs);
  pauseMs = Math.min(pauseMs * 2, longestPauseMs);
}

/** Called by whoever got no answer. */
export function noteLost(): void {
  if (lost.value !== null) return;
  lost.value = { sinceMs: Date.now(), nextTryMs: Date.now() + firstPauseMs };
  timer = setTimeout(() => void tryAgain(), firstPauseMs);
}
