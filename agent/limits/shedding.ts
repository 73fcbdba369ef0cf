import type { Log } from '../../logging/log.ts';
import type { PriorityClass } from '../profile/priority.ts';

/**
 * What is given up, one after the other, while the agent takes more memory than it may; each holds on to those before.
 * Paused sources read later what they have not read: nothing is lost that the machine itself keeps.
 */
export const sheddingSteps = [
  { name: 'none', at: 0 },
  { name: 'small batches', at: 0.8 },
  { name: 'bulk sources paused', at: 0.9 },
  { name: 'normal sources paused, metrics every minute', at: 1 },
] as const;

const lookEveryMs = 2_000;
/** A step is taken back when this share of the limit below its threshold is reached: no flapping. */
const slack = 0.1;

export interface Shedding {
  start(): void;
  look(): void;
  /** Index into `sheddingSteps`. */
  level(): number;
  /** Steps taken since the start. */
  steps(): number;
  close(): void;
}

/** Keeps the agent below its memory limit by doing less, in a fixed order, before anything else would end it. */
export function createShedding(
  {
    residentBytes,
    collect,
    pause,
    shrinkBatches,
    slowMetrics,
    tell,
    log,
  }: {
    residentBytes(): number;
    /** Gives memory back that nobody uses; undefined where Node does not expose it. */
    collect: (() => unknown) | undefined;
    pause(priority: PriorityClass, paused: boolean): void;
    shrinkBatches(small: boolean): void;
    slowMetrics(slow: boolean): void;
    /** A step was taken or taken back. */
    tell(text: string, level: number): void;
    log: Log;
  },
  options: { maxBytes: number },
): Shedding {
  let level = 0;
  let steps = 0;
  let timer: NodeJS.Timeout | undefined;

  function change(next: number, bytes: number): void {
    const worse = next > level;
    level = next;
    if (worse) steps += 1;
    shrinkBatches(level >= 1);
    pause('bulk', level >= 2);
    pause('normal', level >= 3);
    slowMetrics(level >= 3);
    const what = sheddingSteps[level]?.name ?? '';
    const text = `${Math.round(bytes / 2 ** 20)} MiB of ${Math.round(options.maxBytes / 2 ** 20)} MiB in use: ${what}`;
    log[worse ? 'warn' : 'info']({ level, bytes }, text);
    tell(text, level);
  }

  function look(): void {
    let bytes = residentBytes();
    const next = sheddingSteps[level + 1];
    if (next && bytes >= next.at * options.maxBytes) {
      // Perhaps it is only garbage.
      collect?.();
      bytes = residentBytes();
      if (bytes >= next.at * options.maxBytes) change(level + 1, bytes);
      return;
    }
    const current = sheddingSteps[level];
    if (level > 0 && current && bytes < (current.at - slack) * options.maxBytes) change(level - 1, bytes);
  }

  return {
    start() {
      timer = setInterval(look, lookEveryMs).unref();
    },
    look,
    level: () => level,
    steps: () => steps,
    close: () => clearInterval(timer),
  };
}
