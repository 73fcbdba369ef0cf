import { realpath, statfs } from 'node:fs/promises';
import type { Drive, DriveSystem } from './drive.ts';
import { ejectWindows } from './windows/eject.ts';
import { removal } from './windows/removal.ts';
import { deviceQuery, parseHotplug, parseStorageDevice, type StorageDevice } from './windows/storage-device.ts';
import { control, openVolume } from './windows/volume-handle.ts';
import { driveRoots, driveType, readVolume, volumeDevice, volumeRoot } from './windows/volumes.ts';
import { writePolicy } from './windows/write-policy.ts';

interface Asked {
  device: StorageDevice | undefined;
  /** The removal policy is that of a device that may be pulled out. */
  hotplug: boolean;
  /** Why the device itself refuses writing. */
  protected: boolean;
}

/** ERROR_WRITE_PROTECT */
const writeProtected = 19;

/** Drives as kernel32 and the storage drivers below it tell them. */
export function windowsDrives(): DriveSystem {
  return {
    async list() {
      const found = await Promise.all(driveRoots().map((root) => describe(root).catch(() => undefined)));
      // A slot without a medium has a letter and no volume.
      return found.filter((drive) => drive !== undefined);
    },
    of: async (path) => describe(volumeRoot(await realpath(path))),
    eject: ejectWindows,
  };
}

async function describe(root: string): Promise<Drive> {
  const type = driveType(root);
  const volume = readVolume(root);
  const path = volumeDevice(root);
  const { device, hotplug, protected: refusesWriting } = askDevice(path);
  const { removable, because } = removal(type, device, hotplug);
  const space = await statfs(root).catch(() => undefined);
  const readOnly = volume.readOnly || refusesWriting;
  return {
    path: root,
    device: path,
    bus: device?.bus ?? (type === 'network' ? 'network' : 'unknown'),
    removable,
    removableBecause: because,
    vendor: device?.vendor ?? null,
    model: device?.model ?? null,
    serial: device?.serial ?? null,
    label: volume.label,
    filesystem: volume.filesystem,
    volumeId: volume.volumeId,
    totalBytes: space ? space.blocks * space.bsize : null,
    freeBytes: space ? space.bavail * space.bsize : null,
    readOnlyBecause:
      writePolicy({ removable, readOnly }) ??
      (refusesWriting
        ? 'the device refuses writing (write-protect switch)'
        : volume.readOnly
          ? 'the volume is read-only (attribute of the disk or the volume, or an error)'
          : null),
  };
}

/** What cannot be asked counts as not known; network drives have no device. */
function askDevice(path: string): Asked {
  const asked: Asked = { device: undefined, hotplug: false, protected: false };
  const attempt = <T>(work: () => T): T | undefined => {
    try {
      return work();
    } catch {
      return undefined;
    }
  };
  const volume = attempt(() => openVolume(path, { write: false }));
  if (!volume) return asked;
  try {
    asked.device = attempt(() => parseStorageDevice(volume.ask(control.queryProperty, deviceQuery, 4096)));
    asked.hotplug = attempt(() => parseHotplug(volume.ask(control.hotplugInfo, new Uint8Array(0), 8))) ?? false;
    try {
      volume.ask(control.isWritable, new Uint8Array(0), 0);
    } catch (error) {
      asked.protected = (error as { number?: number }).number === writeProtected;
    }
    return asked;
  } finally {
    volume.close();
  }
}
