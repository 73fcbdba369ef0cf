import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';

export type ImageFilesystem = 'vfat' | 'exfat' | 'ntfs' | 'ext4';

/** A real filesystem in a file, mounted by the kernel (ext4) or through FUSE, that can be torn away at any moment. */
export interface Image {
  /** Where it is mounted; nothing of its own lies below. */
  readonly folder: string;
  mount(option?: 'ro'): Promise<void>;
  /** What pulling the stick out does: the driver is killed, the mount point is gone at once. */
  tear(): Promise<void>;
  unmount(): Promise<void>;
  /** Unmounts and removes everything. */
  remove(): Promise<void>;
}

const makers: Record<ImageFilesystem, [string, string[]]> = {
  vfat: ['mkfs.vfat', ['-F', '32', '-n', 'STICK']],
  exfat: ['mkfs.exfat', ['-L', 'STICK']],
  ntfs: ['mkfs.ntfs', ['-F', '-Q', '-L', 'STICK']],
  ext4: ['mkfs.ext4', ['-q', '-F', '-L', 'STICK']],
};
const driver: Record<ImageFilesystem, string> = {
  vfat: 'fusefat',
  exfat: 'mount.exfat-fuse',
  ntfs: 'ntfs-3g',
  ext4: 'losetup',
};

const quiet = { stdio: 'ignore' } as const;
const succeeds = (program: string, args: string[]): boolean => {
  try {
    execFileSync(program, args, quiet);
    return true;
  } catch {
    return false;
  }
};

/** Filesystems that this machine can make and mount; says loudly which it cannot. */
export function possibleFilesystems(): ImageFilesystem[] {
  const root = process.platform === 'linux' && process.getuid?.() === 0;
  return (Object.keys(makers) as ImageFilesystem[]).filter((filesystem) => {
    const needed = [makers[filesystem][0], driver[filesystem]];
    const missing = needed.filter((name) => !succeeds('sh', ['-c', `command -v ${name}`]));
    if (root && missing.length === 0) return true;
    process.stderr.write(`SKIPPED: media with ${filesystem} need root and ${needed.join(', ')}\n`);
    return false;
  });
}

/** Makes an image and its filesystem; not mounted yet. */
export function makeImage(filesystem: ImageFilesystem, mebibytes: number): Image {
  const base = mkdtempSync(join(tmpdir(), `sextant-image-${filesystem}-`));
  const file = join(base, 'image');
  const folder = join(base, 'mnt');
  mkdirSync(folder);
  writeFileSync(file, '');
  truncateSync(file, mebibytes * 2 ** 20);
  const [program, args] = makers[filesystem];
  execFileSync(program, [...args, file], quiet);
  const below = statSync(folder).dev;
  const loop = filesystem === 'ext4' || filesystem === 'exfat';
  let device = file;
  let child: ChildProcess | undefined;
  // A file, not a pipe: this process asks the filesystem with calls that wait, and a driver that waits for somebody to
  // read what it says would never answer them.
  const words = join(base, 'driver.log');
  const said = (): string => (existsSync(words) ? readFileSync(words, 'utf8').slice(-400) : '');

  const attach = (option?: 'ro'): void => {
    const readOnly = option === 'ro' && filesystem !== 'ext4' ? ['-r'] : [];
    if (loop) device = execFileSync('losetup', ['--show', '-f', ...readOnly, file], { encoding: 'utf8' }).trim();
  };
  const detach = (): void => {
    if (loop && device !== file) succeeds('losetup', ['-d', device]);
    device = file;
  };
  const isMounted = (): boolean => {
    try {
      return statSync(folder).dev !== below;
    } catch {
      // A FUSE mount whose driver is dead.
      return true;
    }
  };
  const ended = (): Promise<void> =>
    new Promise((resolve) => {
      if (!child || child.exitCode !== null || child.signalCode !== null) resolve();
      else child.once('exit', () => resolve());
    });
  const leave = async (signal?: NodeJS.Signals): Promise<void> => {
    if (signal) child?.kill(signal);
    while (isMounted() && succeeds('umount', ['-l', folder]));
    await ended();
    child = undefined;
  };

  return {
    folder,
    async mount(option) {
      if (device === file) attach(option);
      if (filesystem === 'ext4') {
        execFileSync('mount', ['-o', option === 'ro' ? 'ro' : 'rw', device, folder], quiet);
        return;
      }
      const ro = option === 'ro' ? ',ro' : '';
      const calls: Record<'vfat' | 'exfat' | 'ntfs', string[]> = {
        vfat: ['-f', '-o', `${option === 'ro' ? 'ro' : 'rw+'},fsname=${file}`, file, folder],
        exfat: ['-d', '-o', `rw${ro}`, device, folder],
        ntfs: ['-o', `no_detach${ro}`, device, folder],
      };
      // A device that was torn away stays busy until the last file on it is closed: the driver is started again until then.
      await vi.waitFor(
        async () => {
          if (!child || child.exitCode !== null || child.signalCode !== null) {
            const log = openSync(words, 'a');
            child = spawn(driver[filesystem], calls[filesystem], { stdio: ['ignore', 'ignore', log] });
            closeSync(log);
          }
          const mounted = readFileSync('/proc/self/mountinfo', 'utf8').includes(` ${folder} `);
          if (!mounted || !isMounted()) throw new Error(`${filesystem} is not mounted yet: ${said()}`);
          try {
            readdirSync(folder);
          } catch (error) {
            // While files of the dead mount are open, the kernel gives the same dead filesystem again (fuseblk).
            succeeds('umount', ['-l', folder]);
            child.kill('SIGKILL');
            await ended();
            throw error;
          }
        },
        { timeout: 30_000, interval: 50 },
      );
    },
    tear: () => leave('SIGKILL'),
    async unmount() {
      if (isMounted()) execFileSync('umount', [folder], quiet);
      await leave();
    },
    async remove() {
      await leave('SIGTERM');
      detach();
      rmSync(base, { recursive: true, force: true });
    },
  };
}
