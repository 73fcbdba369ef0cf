import type { Signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

/** While something is under way, its progress is worth a look every second. */
const everyMs = 1000;

/** Counts `beat` up while `isActive`, so that what is fetched for a count is fetched anew. */
export function useBeat(beat: Signal<number>, isActive: boolean): void {
  useEffect(() => {
    if (!isActive) return undefined;
    const timer = setInterval(() => {
      beat.value += 1;
    }, everyMs);
    return () => clearInterval(timer);
  }, [isActive]);
}
