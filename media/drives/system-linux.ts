import { type FileHandle, readFile, realpath, stat, statfs } from 'node:fs/promises';
import { type BlockDevice, deviceNumberText, readBlockDevice } from './block-device.ts';
import type { Drive, DriveSystem } from './drive.ts';
import { ejectLinux } from './eject-linux.ts';
import { type MountLine, mountOf, parseMountinfo } from './mountinfo.ts';
import { readSuperblock } from './superblock.ts';

export interface LinuxRoots {
  mountinfo?: string;
  sysRoot?: string;
  udevRoot?: string;
}

/** Filesystems without storage of their own. */
const pseudo =
  /^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|efivarfs|fusectl|hugetlbfs|mqueue|nsfs|overlay|proc|pstore|ramfs|rootfs|rpc_pipefs|securityfs|selinuxfs|squashfs|sysfs|tmpfs|tracefs|fuse\.(lxcfs|portal|gvfsd-fuse))$/;
const network = /^(nfs4?|cifs|smb3|9p|ceph|afs|fuse\.(sshfs|rclone|glusterfs))$/;

/** Drives as /proc/self/mountinfo, /sys, udev's database and the filesystems' first sectors tell them. */
export function linuxDrives(roots: LinuxRoots = {}): DriveSystem {
  const { mountinfo = '/proc/self/mountinfo', ...deviceRoots } = roots;
  const readMounts = async (): Promise<MountLine[]> => parseMountinfo(await readFile(mountinfo, 'utf8'));
  const describe = (mount: MountLine): Promise<Drive> => describeMount(mount, deviceRoots);

  return {
    async list() {
      const byPoint = new Map<string, MountLine>();
      const seen = new Set<string>();
      for (const mount of await readMounts()) {
        if (!pseudo.test(mount.type)) byPoint.set(mount.mountpoint, mount);
        else byPoint.delete(mount.mountpoint);
      }
      const drives: Drive[] = [];
      for (const mount of byPoint.values()) {
        // Bind mounts show the same space again.
        if (seen.has(mount.deviceNumber)) continue;
        seen.add(mount.deviceNumber);
        drives.push(await describe(mount));
      }
      return drives;
    },
    async of(path, open) {
      if (open) return describe(await mountOfOpen(open, readMounts));
      const real = await realpath(path);
      const mount = mountOf(await readMounts(), real);
      if (!mount) throw new Error(`BUG: ${real} lies on no mount`);
      return describe(mount);
    },
    eject: ejectLinux,
  };
}

/** What was unmounted meanwhile, lazily too, is in the list no more. */
async function mountOfOpen(open: FileHandle, readMounts: () => Promise<MountLine[]>): Promise<MountLine> {
  const id = /^mnt_id:\s*(\d+)$/m.exec(await readFile(`/proc/self/fdinfo/${open.fd}`, 'utf8'))?.[1];
  const mount = (await readMounts()).find((line) => line.id === id);
  if (!mount) throw Object.assign(new Error('it is not mounted any more'), { code: 'ENODEV' });
  return mount;
}

async function describeMount(mount: MountLine, roots: Omit<LinuxRoots, 'mountinfo'>): Promise<Drive> {
  const number = (await sourceNumber(mount)) ?? mount.deviceNumber;
  const block = await readBlockDevice(number, roots);
  const head = await readSuperblock(mount.source);
  const space = await statfs(mount.mountpoint).catch(() => undefined);
  // Some FUSE drivers count nothing.
  const told = space !== undefined && space.blocks > 0;
  const { removable, because } = removal(mount, block);
  return {
    path: mount.mountpoint,
    device: mount.source,
    bus: block?.bus ?? (network.test(mount.type) ? 'network' : mount.type.startsWith('fuse') ? 'fuse' : 'unknown'),
    removable,
    removableBecause: because,
    vendor: block?.vendor ?? null,
    model: block?.model ?? null,
    serial: block?.serial ?? null,
    label: block?.label ?? head?.label ?? null,
    filesystem: head?.filesystem ?? filesystemName(mount.type),
    volumeId: block?.volumeId ?? head?.volumeId ?? null,
    totalBytes: told ? space.blocks * space.bsize : null,
    freeBytes: told ? space.bavail * space.bsize : null,
    readOnlyBecause: readOnly(mount, block),
  };
}

/** FUSE mounts have a number of their own; that of the block device below is the source's. */
async function sourceNumber(mount: MountLine): Promise<string | undefined> {
  if (!mount.source.startsWith('/dev/')) return undefined;
  const info = await stat(mount.source).catch(() => undefined);
  return info?.isBlockDevice() ? deviceNumberText(info.rdev) : undefined;
}

function removal(mount: MountLine, block: BlockDevice | undefined): { removable: boolean; because: string } {
  if (!block) return { removable: false, because: network.test(mount.type) ? 'network' : 'no device of its own' };
  if (block.bus === 'usb' || block.bus === 'external') {
    if (block.port === 'fixed') return { removable: false, because: `${block.bus} device on a fixed port` };
    const kind = block.removableMedium ? 'removable medium' : 'presents as a fixed disk';
    return { removable: true, because: `${block.bus} bus, ${kind}` };
  }
  if (block.bus === 'sd') return { removable: true, because: 'card reader' };
  if (block.removableMedium) return { removable: true, because: `removable medium on ${block.bus}` };
  if (block.port === 'removable') return { removable: true, because: `removable port on ${block.bus}` };
  return { removable: false, because: `${block.bus} bus` };
}

function readOnly(mount: MountLine, block: BlockDevice | undefined): string | null {
  if (block?.readOnly) return 'the device refuses writing (write-protect switch, or set read-only by policy)';
  if (mount.superOptions.includes('ro')) return 'the filesystem is mounted read-only (or became so after an error)';
  if (mount.mountOptions.includes('ro')) return 'the mount option ro forbids writing';
  return null;
}

const filesystemName = (type: string): string => {
  const known: Record<string, string> = {
    msdos: 'vfat',
    ntfs3: 'ntfs',
    fuseblk: 'unknown',
    fuse: 'unknown',
    'fuse.fusefat': 'vfat',
  };
  return known[type] ?? type.toLowerCase();
};
