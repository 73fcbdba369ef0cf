export interface Mount {
  /** major:minor of the filesystem. */
  deviceNumber: string;
  mountpoint: string;
  device: string;
  type: string;
  mode: 'ro' | 'rw';
}

/** Filesystems without storage of their own, or whose images are always full (squashfs, iso9660). */
const skipped = new Set(
  (
    'autofs binder binfmt_misc bpf cgroup cgroup2 configfs debugfs devfs devpts devtmpfs efivarfs erofs fuse.gvfsd-fuse ' +
    'fuse.lxcfs fuse.portal fusectl hugetlbfs iso9660 mqueue nsfs overlay proc pstore ramfs rootfs rpc_pipefs ' +
    'securityfs selinuxfs squashfs sysfs tmpfs tracefs'
  ).split(' '),
);

/** What mountinfo writes for spaces and the like. */
export const unescapeOctal = (text: string) =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

/**
 * Filesystems that can fill up, from /proc/self/mountinfo: no pseudo filesystems, each device once (bind mounts and
 * subvolumes show the same space; the shortest mount point stands for them).
 */
export function parseMounts(text: string): Mount[] {
  const byDevice = new Map<string, Mount>();
  for (const line of text.split('\n')) {
    const fields = line.split(' ');
    const separator = fields.indexOf('-', 6);
    if (separator < 0) continue;
    const [type = '', device = '', superOptions = ''] = fields.slice(separator + 1);
    // A container's root is an overlay, and the only filesystem it can fill.
    if (skipped.has(type) && !(type === 'overlay' && fields[4] === '/')) continue;
    const deviceNumber = fields[2] ?? '';
    const mount: Mount = {
      deviceNumber,
      mountpoint: unescapeOctal(fields[4] ?? ''),
      device: unescapeOctal(device),
      type,
      mode: /(^|,)ro(,|$)/.test(fields[5] ?? '') || /(^|,)ro(,|$)/.test(superOptions) ? 'ro' : 'rw',
    };
    // btrfs subvolumes have a device number each, but one device behind them.
    const key = type === 'btrfs' ? mount.device : deviceNumber;
    const known = byDevice.get(key);
    if (!known || mount.mountpoint.length < known.mountpoint.length) byDevice.set(key, mount);
  }
  return [...byDevice.values()];
}
