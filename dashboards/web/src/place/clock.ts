import { effect, signal } from '@preact/signals';
import { evidence } from './evidence.ts';

/** How often what is shown follows the clock; the agents' own interval. */
export const refreshEveryMs = 10_000;

/** The end of a relative range. Stands still while paused, hidden or without connection. */
export const nowMs = signal(Date.now());

/** Visible state of the play button. */
export const playing = signal(true);

export const tick = (): void => {
  nowMs.value = Date.now();
};

export function setPlaying(next: boolean): void {
  playing.value = next;
  if (next) tick();
}

/** Starts the clock; a page in the background asks for nothing and catches up when it is looked at. */
export function runClock(): void {
  // Of evidence now is its end: what was an hour before that is an hour ago.
  effect(() => {
    const end = Date.parse(evidence.value?.until ?? '');
    if (!Number.isNaN(end)) nowMs.value = end;
  });
  const mayRun = (): boolean => evidence.value === undefined && playing.value && document.visibilityState === 'visible';
  setInterval(() => {
    if (mayRun()) tick();
  }, refreshEveryMs);
  document.addEventListener('visibilitychange', () => {
    if (mayRun() && Date.now() - nowMs.value > refreshEveryMs) tick();
  });
}
