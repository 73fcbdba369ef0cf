import { readFile, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** What the kernel and udev know of the device below a filesystem. */
export interface BlockDevice {
  /** `sdb` for `sdb1`. */
  disk: string;
  bus: string;
  /** The kernel's flag: the medium can leave the drive (sticks, card readers); USB disks say 0. */
  removableMedium: boolean;
  /** The kernel's view of the port: `removable`, `fixed`, or null where it does not know. */
  port: string | null;
  /** The device refuses writing: a switch on the stick, or `blockdev --setro`. */
  readOnly: boolean;
  vendor: string | null;
  model: string | null;
  serial: string | null;
  /** From udev, when it runs. */
  label: string | null;
  volumeId: string | null;
}

const text = async (path: string): Promise<string | null> =>
  readFile(path, 'utf8').then(
    (content) => content.trim() || null,
    () => null,
  );

/**
 * Asks /sys (`sysRoot`) and udev's database (`udevRoot`) about a device number, `major:minor`. Undefined when there is
 * no block device of that number: network filesystems, tmpfs, FUSE.
 */
export async function readBlockDevice(
  deviceNumber: string,
  { sysRoot = '/sys', udevRoot = '/run/udev/data' } = {},
): Promise<BlockDevice | undefined> {
  const own = await realpath(join(sysRoot, 'dev/block', deviceNumber)).catch(() => undefined);
  if (own === undefined) return undefined;
  // A partition lies in the folder of its disk.
  const folder = (await text(join(own, 'partition'))) === null ? own : dirname(own);
  const disk = basename(folder);
  const udev = await readUdev(join(udevRoot, `b${deviceNumber}`));
  const port = await portOf(folder, sysRoot);
  return {
    disk,
    bus: busOf(folder, disk, udev.get('ID_BUS')),
    removableMedium: (await text(join(folder, 'removable'))) === '1',
    port: port?.removable ?? null,
    readOnly: (await text(join(own, 'ro'))) === '1' || (await text(join(folder, 'ro'))) === '1',
    vendor: udev.get('ID_VENDOR') ?? named(await text(join(folder, 'device/vendor'))),
    model: udev.get('ID_MODEL') ?? (await text(join(folder, 'device/model'))),
    // The USB device's own number; that of the disk inside an enclosure is often the same for a whole series.
    serial:
      udev.get('ID_SERIAL_SHORT') ??
      port?.serial ??
      (await text(join(folder, 'device/serial'))) ??
      (await text(join(folder, 'serial'))),
    label: udev.get('ID_FS_LABEL') ?? null,
    volumeId: udev.get('ID_FS_UUID') ?? null,
  };
}

/** Virtio disks have the vendor's PCI number where others have its name. */
const named = (vendor: string | null): string | null => (vendor?.startsWith('0x') ? null : vendor);

/** `major:minor` of a device number as stat(2) gives it (gnu_dev_major, gnu_dev_minor). */
export const deviceNumberText = (rdev: number): string =>
  `${(rdev >>> 8) & 0xfff}:${(rdev & 0xff) | ((rdev >>> 12) & 0xfff00)}`;

/** `E:` lines of udev's database are properties. */
async function readUdev(path: string): Promise<Map<string, string>> {
  const properties = new Map<string, string>();
  for (const line of ((await text(path)) ?? '').split('\n')) {
    const match = /^E:([A-Z0-9_]+)=(.+)$/.exec(line);
    if (match?.[1] && match[2]) properties.set(match[1], match[2]);
  }
  return properties;
}

function busOf(folder: string, disk: string, udevBus: string | undefined): string {
  if (/\/usb\d+\//.test(folder)) return 'usb';
  if (/\/mmc_host\//.test(folder)) return 'sd';
  if (/\/thunderbolt|\/firewire/.test(folder)) return 'external';
  if (disk.startsWith('nvme')) return 'nvme';
  if (disk.startsWith('loop')) return 'loop';
  if (/\/ata\d+\//.test(folder)) return 'sata';
  if (/\/virtio\d+\//.test(folder) || folder.includes('/virtual/')) return 'virtual';
  return udevBus ?? (disk.startsWith('sd') ? 'scsi' : 'unknown');
}

/** Walks up from the disk to the device that hangs on a port: its `removable` file and its serial number. */
async function portOf(
  folder: string,
  sysRoot: string,
): Promise<{ removable: string | null; serial: string | null } | undefined> {
  const top = await realpath(sysRoot).catch(() => sysRoot);
  for (let at = dirname(folder); at.startsWith(join(top, 'devices')) && at !== join(top, 'devices'); at = dirname(at)) {
    // Disks have a file of the same name with 0 or 1; a port's says a word.
    const removable = await text(join(at, 'removable'));
    if (removable !== null && /^(removable|fixed|unknown)$/.test(removable)) {
      return { removable: removable === 'unknown' ? null : removable, serial: await text(join(at, 'serial')) };
    }
  }
  return undefined;
}
