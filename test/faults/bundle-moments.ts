import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Stage } from './whole-bundles.ts';

/** When to kill what makes a bundle, so that all its phases are met. */
export interface Moments {
  /** Resolves at the moment of the next kill. To be called when a bundle is begun. */
  next(): Promise<void>;
  /** What that kill met. */
  met(stage: Stage): void;
}

/** Short phases would hardly ever be met by chance: two kills of four wait for the first sign of one. */
const aims = [
  { stage: 'encryption', sign: 'data/telemetry.v001.zip.age' },
  { stage: 'any', sign: undefined },
  { stage: 'sealing', sign: 'bagit.txt' },
  { stage: 'any', sign: undefined },
] as const;

/** `bundleMs` is how long a bundle takes that nobody kills. */
export function createMoments(bundles: string, bundleMs: number): Moments {
  let time = 0;
  let aim: (typeof aims)[number] = aims[0];
  /** How long after its sign, or after the beginning, a kill comes at most; learnt. */
  const withinMs = { any: bundleMs * 1.2, encryption: 50, sealing: 30 };

  /** Resolves as soon as the bundle that is being made holds a file of that name, or when it must have ended. */
  const holds = async (file: string): Promise<void> => {
    const untilMs = performance.now() + bundleMs * 3;
    let partial: string | undefined;
    while (performance.now() < untilMs) {
      partial ??= existsSync(bundles) ? readdirSync(bundles).find((name) => name.endsWith('.partial')) : undefined;
      if (partial !== undefined && existsSync(join(bundles, partial, file))) return;
      await pause(1);
    }
  };
  return {
    async next() {
      aim = aims[time++ % aims.length] ?? aims[0];
      if (aim.sign !== undefined) await holds(aim.sign);
      await pause(withinMs[aim.stage] * Math.random());
    },
    met(stage) {
      const late = stage === 'sealed' || (aim.stage === 'encryption' && stage === 'sealing');
      // As long as half of the kills after a sign come too late, they come earlier, and the other way round; of the others
      // every fifth or so is to come after the end.
      const longer = aim.sign === undefined ? 1.025 : 1.1;
      withinMs[aim.stage] = Math.min(bundleMs * 5, Math.max(1, withinMs[aim.stage] * (late ? 0.9 : longer)));
    },
  };
}
