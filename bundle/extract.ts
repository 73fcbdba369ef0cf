import { constants } from 'node:fs';
import { copyFile, lstat, mkdir, mkdtemp, open, readdir, rename, rm, rmdir, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '../durable/make-folder.ts';
import { unwritable } from '../durable/unwritable.ts';
import { SextantError } from '../errors/sextant-error.ts';
import type { AgeIdentity } from './age/key.ts';
import { namedWhenFull } from './full-disk.ts';
import { openRegular } from './manifest.ts';
import { formatBytes } from './report-format.ts';
import { type BundleEntry, readSoundBundle, type SoundBundle } from './sound-bundle.ts';

export interface ExtractOptions {
  /** Is made; must not exist, or be empty. */
  to: string;
  identities?: readonly AgeIdentity[];
  /** Bases of the volumes to take; all when empty. */
  only?: readonly string[];
  signal?: AbortSignal;
  onFile?: (entry: { base: string; path: string; bytes: number }) => void;
}

export interface Extracted {
  to: string;
  files: number;
  bytes: number;
}

const reserveBytes = 64 * 2 ** 20;
const roomNeeded = 'free space, name another place with --to, or take single nodes with --node';
const descriptions = ['README.txt', 'index.html', 'coverage.json', 'findings.json', 'bag-info.txt'];

/**
 * Writes every file of a sound bundle to `to/<node>/…`, parts joined, and the descriptions beside them. All of it goes to
 * a folder of its own, which gets its name last; every file is made anew, so no link that lies there can lead elsewhere.
 * Throws SX_CONFLICT (there is something at `to`), SX_DISK_FULL, and what reading throws; then nothing is left, not
 * even the folders above `to` that it made.
 */
export async function extractBundle(bundle: SoundBundle, options: ExtractOptions): Promise<Extracted> {
  await demandEmpty(options.to);
  const above: string[] = [];
  try {
    return await unpack(bundle, await makeStaging(options.to, above), options);
  } catch (error) {
    // One in which somebody else has put something meanwhile stays.
    for (const made of above.reverse()) await rmdir(made).catch(() => undefined);
    throw error;
  }
}

async function unpack(bundle: SoundBundle, staging: string, options: ExtractOptions): Promise<Extracted> {
  const { to, identities, only = [], signal } = options;
  try {
    await demandRoom(staging, bundle.report.inflatedBytes);
    let current: { base: string; path: string } | undefined;
    let files = 0;
    let bytes = 0;
    const write = async (entry: BundleEntry): Promise<void> => {
      const { base, path, continues } = entry;
      const target = join(staging, base, ...path.split('/'));
      if (!continues) await mkdir(dirname(target), { recursive: true, mode: 0o700 });
      const append = continues && current?.base === base && current.path === path;
      const how = append ? constants.O_APPEND : constants.O_CREAT | constants.O_EXCL;
      const file = await open(target, constants.O_WRONLY | constants.O_NOFOLLOW | how, 0o600);
      try {
        for await (const chunk of await entry.content()) {
          signal?.throwIfAborted();
          for (let at = 0; at < chunk.length; ) at += (await file.write(chunk, at)).bytesWritten;
        }
        const modified = new Date(entry.modifiedMs);
        await file.utimes(modified, modified);
      } finally {
        await file.close();
      }
      current = { base, path };
      if (!append) files++;
      bytes += entry.bytes;
      options.onFile?.({ base, path, bytes: entry.bytes });
    };
    const wanted = (base: string): boolean => only.length === 0 || only.includes(base);
    await readSoundBundle(bundle, { identities, scratch: staging, only: wanted, signal }, write);
    for (const name of descriptions) {
      const there = await openRegular(join(bundle.folder, name)).catch(() => undefined);
      await there?.file.close();
      if (there) await copyFile(join(bundle.folder, name), join(staging, name), constants.COPYFILE_EXCL);
    }
    await rmdir(to).catch(() => undefined);
    await rename(staging, to);
    return { to, files, bytes };
  } catch (error) {
    await rm(staging, { recursive: true, force: true });
    const what = `the disk of ${to} filled up while the bundle was unpacked; nothing of it was kept`;
    throw namedWhenFull(error, what, roomNeeded);
  }
}

/** `made`: the folders above that were missing. */
async function makeStaging(to: string, made: string[]): Promise<string> {
  try {
    makeFolder(dirname(to), 0o777, made);
    return await mkdtemp(`${to}.partial-`);
  } catch (error) {
    throw unwritable(to, error, 'name a folder that this user may write to with --to');
  }
}

async function demandEmpty(to: string): Promise<void> {
  const there = await lstat(to).catch(() => undefined);
  if (!there) return;
  const fault = !there.isDirectory() ? 'is no folder' : (await readdir(to)).length > 0 ? 'is not empty' : undefined;
  if (fault === undefined) return;
  throw new SextantError('SX_CONFLICT', `${to} is there already and ${fault}`, {
    nextStep: 'name a new folder with --to',
  });
}

async function demandRoom(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free >= bytes + reserveBytes) return;
  throw new SextantError(
    'SX_DISK_FULL',
    `the bundle unpacks to ${formatBytes(bytes)}, and ${formatBytes(free)} are free in ${dirname(folder)}`,
    { nextStep: roomNeeded },
  );
}
