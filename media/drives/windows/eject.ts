import { setTimeout as delay } from 'node:timers/promises';
import type { Drive, EjectStep } from '../drive.ts';
import { control, openVolume, type VolumeHandle } from './volume-handle.ts';

/** A virus scanner or the indexer lets go of what has just been written within seconds. */
const lockTries = 20;
const lockPauseMs = 500;
const nothing = new Uint8Array(0);

/**
 * What “Safely remove” does to a volume: flush, lock, dismount, then let the medium out. A volume that another program
 * has open is not dismounted, and said to be in use.
 */
export async function ejectWindows(drive: Drive): Promise<EjectStep[]> {
  const steps: EjectStep[] = [];
  let volume: VolumeHandle;
  try {
    volume = openVolume(drive.device, { write: true });
  } catch (error) {
    return [{ step: 'sync', done: false, detail: (error as Error).message }];
  }
  const attempt = (step: EjectStep['step'], detail: string, work: () => void): boolean => {
    try {
      work();
      steps.push({ step, done: true, detail });
      return true;
    } catch (error) {
      steps.push({ step, done: false, detail: (error as Error).message });
      return false;
    }
  };
  try {
    attempt('sync', 'FlushFileBuffers', () => volume.flush());
    const locked = await lock(volume);
    const dismounted = attempt('unmount', 'locked and dismounted', () => {
      if (locked) throw locked;
      volume.ask(control.dismountVolume, nothing, 0);
    });
    if (!dismounted || !drive.removable) return steps;
    attempt('power-off', 'IOCTL_STORAGE_EJECT_MEDIA', () => {
      // PREVENT_MEDIA_REMOVAL: one byte, false.
      volume.ask(control.mediaRemoval, new Uint8Array(1), 0);
      volume.ask(control.ejectMedia, nothing, 0);
    });
    return steps;
  } finally {
    // The lock goes with the handle.
    volume.close();
  }
}

/** Undefined when the volume is locked, else what the last try was refused with. */
async function lock(volume: VolumeHandle): Promise<Error | undefined> {
  for (let tries = 1; ; tries++) {
    try {
      volume.ask(control.lockVolume, nothing, 0);
      return undefined;
    } catch (error) {
      if (tries >= lockTries) return error as Error;
      await delay(lockPauseMs);
    }
  }
}
