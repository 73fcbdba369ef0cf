/** One line of /proc/self/mountinfo (proc_pid_mountinfo(5)). */
export interface MountLine {
  /** Also in /proc/self/fdinfo of what is open on it. */
  id: string;
  /** `major:minor` of the filesystem. */
  deviceNumber: string;
  /** Folder of the filesystem that is mounted; `/` but for bind mounts. */
  root: string;
  mountpoint: string;
  /** `vfat`, `fuseblk`, `fuse.sshfs`, … */
  type: string;
  source: string;
  /** Options of this mount and of the filesystem. */
  mountOptions: string[];
  superOptions: string[];
}

const unescapeOctal = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

/** Every mount, in the order of mounting: a later one on the same mount point hides the earlier. */
export function parseMountinfo(text: string): MountLine[] {
  const lines: MountLine[] = [];
  for (const line of text.split('\n')) {
    const fields = line.split(' ');
    const separator = fields.indexOf('-', 6);
    if (separator < 0) continue;
    const [type = '', source = '', superOptions = ''] = fields.slice(separator + 1);
    lines.push({
      id: fields[0] ?? '',
      deviceNumber: fields[2] ?? '',
      root: unescapeOctal(fields[3] ?? ''),
      mountpoint: unescapeOctal(fields[4] ?? ''),
      type,
      source: unescapeOctal(source),
      mountOptions: (fields[5] ?? '').split(','),
      superOptions: superOptions.split(','),
    });
  }
  return lines;
}

/** The mount that a path (absolute, without links) lies on: the longest mount point above it, the last of equals. */
export function mountOf(mounts: readonly MountLine[], path: string): MountLine | undefined {
  let best: MountLine | undefined;
  for (const mount of mounts) {
    const { mountpoint } = mount;
    const above = mountpoint === '/' || path === mountpoint || path.startsWith(`${mountpoint}/`);
    if (above && mountpoint.length >= (best?.mountpoint.length ?? 0)) best = mount;
  }
  return best;
}
