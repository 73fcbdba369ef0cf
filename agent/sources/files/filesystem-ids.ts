import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

const uuidFolder = '/dev/disk/by-uuid';

/**
 * Names filesystems by their UUID. A device number may be another one after the next boot (disks are numbered in the
 * order in which they answer), and then every followed file would look new. Falls back to the number where there is
 * no UUID: containers, network filesystems, btrfs subvolumes.
 */
export function createFilesystemIds(): (dev: bigint) => string {
  const known = new Map<bigint, string>();
  return (dev) => {
    const id = known.get(dev) ?? lookUp(dev);
    known.set(dev, id);
    return id;
  };
}

function lookUp(dev: bigint): string {
  // The kernel's encoding of st_dev: 12 bits of major number between the two parts of the minor one.
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn);
  const minor = (dev & 0xffn) | ((dev >> 12n) & 0xffffff00n);
  try {
    const name = /^DEVNAME=(.+)$/m.exec(readFileSync(`/sys/dev/block/${major}:${minor}/uevent`, 'utf8'))?.[1];
    const uuid = readdirSync(uuidFolder).find((entry) => basename(readlinkSync(`${uuidFolder}/${entry}`)) === name);
    if (uuid) return uuid.replaceAll('-', '').slice(0, 16).toLowerCase();
  } catch {
    // No such block device, or no udev.
  }
  return `${major}:${minor}`;
}
