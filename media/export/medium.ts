import { type FileHandle, open, opendir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SextantError } from '../../errors/sextant-error.ts';
import { type Drive, type DriveSystem, isSameDrive } from '../drives/drive.ts';

/** A folder on a drive that may be pulled out at any moment and come back, perhaps elsewhere. */
export interface Medium {
  /** Where the folder is now, as a person knows it. */
  readonly folder: string;
  /**
   * Where to write. On Linux it goes through an open handle: should the medium be unmounted just now, nothing falls
   * into the folder below its mount point, on this machine's own disk. Valid until the medium goes away.
   */
  readonly pinned: string;
  readonly drive: Drive;
  /** Number (stat's `dev`) of its filesystem, as mounted now. */
  readonly device: number;
  /** True when the folder is there, answers, and lies on the filesystem that it lay on. */
  isThere(): Promise<boolean>;
  /** Lets go of the filesystem, which cannot be unmounted before. */
  release(): Promise<void>;
  /**
   * Returns when the drive is back: the same serial number and volume, or failing those the same mark. Throws
   * SX_MEDIUM_GONE after `waitMs`, and the signal's reason.
   */
  waitForReturn(options: { waitMs: number; signal: AbortSignal }): Promise<void>;
}

const lookEveryMs = 250;

/** `markOf` reads the mark that this export left in a folder; it decides where a drive has neither serial nor volume. */
export async function openMedium(
  target: string,
  drives: DriveSystem,
  mark: { name: string; matches(text: string): boolean },
): Promise<Medium> {
  let folder = target;
  // While this is open the filesystem's number is not given to another: a medium that was away for a moment is noticed.
  let hold: FileHandle | undefined = await holdFolder(target);
  let drive: Drive;
  let device: number;
  try {
    drive = await drives.of(target, hold);
    device = await deviceOf(target, hold);
  } catch (error) {
    await hold?.close();
    throw error;
  }
  const within = relative(drive.path, target);

  const hasMark = (place: string): Promise<boolean> =>
    readFile(join(place, mark.name), 'utf8').then(mark.matches, () => false);

  /** By what both know for good; by the mark where one of them knows nothing. */
  const isOurs = async (candidate: Drive, place: string): Promise<boolean> =>
    hasIdentity(candidate) && hasIdentity(drive) ? isSameDrive(candidate, drive) : hasMark(place);

  /**
   * Goes on with what is mounted at `place` when it is `wanted`. What is asked is what the handle is on: asked by its path,
   * a medium that comes and goes could be found, and the folder below its mount point be written to.
   */
  const use = async (
    place: string,
    wanted: (found: Drive, pinned: string) => boolean | Promise<boolean>,
  ): Promise<boolean> => {
    let held: FileHandle | undefined;
    try {
      held = await holdFolder(place);
      const found = await drives.of(place, held);
      const pinned = pinnedOf(place, held);
      if (!(await wanted(found, pinned)) || !(await answers(pinned))) throw new Error('it is another one');
      device = await deviceOf(place, held);
      hold = held;
      folder = place;
      drive = found;
      return true;
    } catch {
      await held?.close().catch(() => undefined);
      return false;
    }
  };

  /** Where it was first; then wherever the system has put it. */
  const look = async (): Promise<boolean> => {
    if (await use(target, isOurs)) return true;
    for (const other of await drives.list()) {
      const isSame = (found: Drive): boolean => isSameDrive(found, drive);
      if (isSame(other) && (await use(join(other.path, within), isSame))) return true;
    }
    return false;
  };

  const release = async (): Promise<void> => {
    await hold?.close().catch(() => undefined);
    hold = undefined;
  };

  return {
    get folder() {
      return folder;
    },
    get pinned() {
      return pinnedOf(folder, hold);
    },
    get drive() {
      return drive;
    },
    get device() {
      return device;
    },
    async isThere() {
      const found = await stat(folder).catch(() => undefined);
      return found?.dev === device && (await answers(folder));
    },
    release,
    async waitForReturn({ waitMs, signal }) {
      // A device that someone holds cannot be mounted again.
      await release();
      const until = performance.now() + waitMs;
      while (!(await look())) {
        if (performance.now() >= until) {
          throw new SextantError('SX_MEDIUM_GONE', `the medium at ${target} did not come back`);
        }
        await delay(lookEveryMs, undefined, { signal }).catch(() => signal.throwIfAborted());
      }
    },
  };
}

const hasIdentity = ({ serial, volumeId }: Drive): boolean => serial !== null || volumeId !== null;

/** Only Linux gives an open folder a path. */
const holdFolder = async (folder: string): Promise<FileHandle | undefined> =>
  process.platform === 'linux' ? open(folder, 'r') : undefined;

const pinnedOf = (folder: string, hold: FileHandle | undefined): string => (hold ? `/proc/self/fd/${hold.fd}` : folder);

const deviceOf = async (folder: string, hold: FileHandle | undefined): Promise<number> =>
  (await (hold ? hold.stat() : stat(folder))).dev;

/** stat alone is answered from memory for a second after a FUSE driver died. */
const answers = (folder: string): Promise<boolean> =>
  opendir(folder)
    .then((found) => found.close())
    .then(
      () => true,
      () => false,
    );
