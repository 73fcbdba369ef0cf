import { glob, lstat } from 'node:fs/promises';
import { fairShare } from '../../bundle/fair-share.ts';
import type { BundleItem } from '../profile/bundle.ts';
import { orAborted } from './gather-context.ts';

export const maxFilesPerItem = 2000;
/** Less tells nothing. */
const leastBytesPerFile = 512;
const defaultMaxBytes = 64 * 2 ** 20;
/** What an item may bring where it says no limit: so many of its largest files. */
const fullFiles = 4;
/** A file's last write may lie a little before the window by a clock that is off. */
const marginMs = 60_000;

const isGlob = (pattern: string): boolean => /[*?[\]{}]/.test(pattern);

export interface FoundFile {
  path: string;
  modifiedMs: number;
  bytes: number;
}

export interface FoundFiles {
  /** The newest first. */
  files: FoundFile[];
  /** Why named files are not there. */
  missed: unknown[];
  /** There are more than one item may have. */
  more: boolean;
  /** So much is taken of each at most: a long file never takes the room of short ones. */
  maxBytesPerFile: number;
}

export interface FindFilesOptions {
  fromUnixMs: number;
  maxBytes: number;
  signal: AbortSignal;
  /** Told of each file that is found. */
  onProgress?: () => void;
}

/** The same, but a folder on a dead mount, which never says what is in it, is not waited for. */
async function* unlessAborted<T>(values: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const iterator = values[Symbol.asyncIterator]();
  for (;;) {
    const { value, done } = await orAborted(iterator.next(), signal);
    if (done) return;
    yield value;
  }
}

/**
 * Files of an item: named ones always, those that a glob finds when they changed since the window began. A glob takes
 * no links; a named file may be one (`/etc/os-release` is). `maxBytes` bounds the item beside what it says itself.
 */
export async function findFiles(
  item: BundleItem,
  { fromUnixMs, maxBytes, signal, onProgress = () => undefined }: FindFilesOptions,
): Promise<FoundFiles> {
  const paths = new Map<string, boolean>();
  for (const pattern of item.files ?? []) {
    if (!isGlob(pattern)) paths.set(pattern, true);
    else
      for await (const path of unlessAborted(glob(pattern), signal)) {
        onProgress();
        if (!paths.has(path)) paths.set(path, false);
      }
  }
  const found: FoundFile[] = [];
  const missed: unknown[] = [];
  for (const [path, named] of paths) {
    signal.throwIfAborted();
    try {
      const stat = await orAborted(lstat(path), signal);
      onProgress();
      if (!named && (!stat.isFile() || stat.mtimeMs < fromUnixMs - marginMs)) continue;
      found.push({ path, modifiedMs: stat.mtimeMs, bytes: stat.size });
    } catch (error) {
      signal.throwIfAborted();
      if (named) missed.push(error);
    }
  }
  found.sort((a, b) => b.modifiedMs - a.modifiedMs);
  const files = found.slice(0, maxFilesPerItem);
  const perFile = item.maxBytes ?? defaultMaxBytes;
  const budget = Math.min(maxBytes, item.maxBytes ?? defaultMaxBytes * fullFiles);
  const wants = files.map((file) => Math.min(file.bytes, perFile));
  return {
    files,
    missed,
    more: found.length > maxFilesPerItem,
    maxBytesPerFile: Math.min(perFile, Math.max(leastBytesPerFile, fairShare(wants, budget))),
  };
}
