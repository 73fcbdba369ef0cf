import type { StorageDevice } from './storage-device.ts';
import type { DriveType } from './volumes.ts';

/** Whether a person may pull it out, by bus and removal policy rather than by Windows' type of the drive, and why. */
export function removal(
  type: DriveType,
  device: StorageDevice | undefined,
  hotplug: boolean,
): { removable: boolean; because: string } {
  if (type === 'network' || type === 'cdrom') return { removable: false, because: type };
  const bus = device?.bus ?? 'unknown';
  if (bus === 'usb' || bus === 'external') {
    const kind = type === 'removable' || device?.removableMedium ? 'removable medium' : 'presents as a fixed disk';
    return { removable: true, because: `${bus} bus, ${kind}` };
  }
  if (bus === 'sd') return { removable: true, because: 'card reader' };
  if (hotplug) return { removable: true, because: `removal policy of a hot-plug device on ${bus}` };
  if (type === 'removable' || device?.removableMedium)
    return { removable: true, because: `removable medium on ${bus}` };
  return { removable: false, because: `${bus} bus` };
}
