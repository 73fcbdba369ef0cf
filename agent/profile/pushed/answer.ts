import { loadProfile } from '../load.ts';
import type { ProfileQuestion, ReadProfile } from '../read.ts';
import { openHeld, readHeld } from './held.ts';
import type { PushedLayers } from './layers.ts';

/** Reads a node's profile with the pushed ones. Throws SX_CONFIG_INVALID for its own. */
export function answerProfile({ names, dataDir, pushed }: ProfileQuestion): ReadProfile {
  const { profile, pushed: outcomes } = loadProfile({ names, dataDir, pushed: pushed && openPushed(pushed) });
  return { profile, pushed: outcomes };
}

/** Pushed profiles of a file, ready to be laid; undefined when there are none that prove themselves. */
export function openPushed({
  file,
  believedKey,
  node,
  allowed,
}: NonNullable<ProfileQuestion['pushed']>): PushedLayers | undefined {
  let held: ReturnType<typeof readHeld>;
  try {
    held = readHeld(file);
  } catch {
    // Damaged: the collector is asked again as soon as it is there.
    return undefined;
  }
  const opened = held && openHeld(held, believedKey);
  return opened && { ...opened, node, allowed, nowMs: Date.now() };
}
