import { readFileSync } from 'node:fs';
import { unescapeOctal } from '../sources/host/mounts.ts';

/** Mounts that can stop answering as a whole, with what they are mounted on. */
export interface RemoteMounts {
  /** The mount on which a path lies by its name; undefined for a local filesystem. */
  of(path: string): string | undefined;
  /** Those in a folder, at any depth. */
  below(folder: string): string[];
}

const remoteTypes =
  /^(nfs4?|cifs|smb3?|smbfs|9p|virtiofs|ceph|glusterfs|lustre|beegfs|gpfs|gfs2|ocfs2|afs|fuse|fuse\..+|vboxsf|prl_fs)$/;
const readEveryMs = 10_000;
/** A share, or a cluster shared volume. */
const windowsRemote = /^(?:\\\\[^\\]+\\[^\\]+|[a-z]:\\ClusterStorage\\[^\\]+)(?=\\|$)/i;

/** Mount points of remote filesystems and of those that a process serves, from /proc/self/mountinfo. */
export function parseRemoteMounts(mountinfo: string): string[] {
  const points = new Set<string>();
  for (const line of mountinfo.split('\n')) {
    const fields = line.split(' ');
    const separator = fields.indexOf('-', 6);
    if (separator > 0 && remoteTypes.test(fields[separator + 1] ?? '')) points.add(unescapeOctal(fields[4] ?? ''));
  }
  // The innermost first: it is the one that answers.
  return [...points].sort((a, b) => b.length - a.length);
}

/**
 * Tells by names alone, without a question to any filesystem. A link is not followed: what hangs behind one counts as a
 * path of its own, not as the filesystem in which the link lies.
 */
export function createRemoteMounts(
  options: { readMountinfo?: () => string; platform?: NodeJS.Platform } = {},
): RemoteMounts {
  const { readMountinfo = () => readFileSync('/proc/self/mountinfo', 'utf8'), platform = process.platform } = options;
  if (platform === 'win32') {
    return { of: (path) => windowsRemote.exec(path.replaceAll('/', '\\'))?.[0].toLowerCase(), below: () => [] };
  }
  let points: string[] = [];
  let readMs = Number.NEGATIVE_INFINITY;
  const current = (): string[] => {
    if (performance.now() - readMs < readEveryMs) return points;
    readMs = performance.now();
    try {
      points = parseRemoteMounts(readMountinfo());
    } catch {
      // Without /proc every path stands for itself.
    }
    return points;
  };
  const isIn = (path: string, folder: string): boolean =>
    path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);
  return {
    of: (path) => current().find((point) => isIn(path, point)),
    below: (folder) => current().filter((point) => point !== folder && isIn(point, folder)),
  };
}
