import { lstat } from 'node:fs/promises';
import { fairShare } from '../../bundle/fair-share.ts';
import type { FileQuestions } from '../filesystems/file-questions.ts';
import { askedGlob, type GlobQuestions } from '../filesystems/glob.ts';
import { Unanswered } from '../filesystems/unanswered.ts';
import type { BundleItem } from '../profile/bundle.ts';

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
  /** The bytes are those of the link. */
  isLink: boolean;
}

export interface FoundFiles {
  /** The newest first. */
  files: FoundFile[];
  /** Why named files are not there, and what was not asked because it does not answer. */
  missed: unknown[];
  /** There are more than one item may have. */
  more: boolean;
  /** So much is taken of each at most: a long file never takes the room of short ones. */
  maxBytesPerFile: number;
}

/** What they bring by the sizes that the filesystem has; undefined where it does not know: files of /proc, links that are named. */
export function sizeOf({ files, maxBytesPerFile }: FoundFiles): number | undefined {
  const bytes = files.reduce((sum, file) => sum + Math.min(file.bytes, maxBytesPerFile), 0);
  return files.some(({ isLink }) => isLink) || (bytes === 0 && files.length > 0) ? undefined : bytes;
}

export interface FindFilesOptions {
  fromUnixMs: number;
  maxBytes: number;
  questions: FileQuestions;
  signal: AbortSignal;
  /** Told of each file that is found. */
  onProgress?: () => void;
}

/**
 * Files of an item: named ones always, those that a glob finds when they changed since the window began. A glob takes
 * no links; a named file may be one (`/etc/os-release` is). `maxBytes` bounds the item beside what it says itself.
 */
export async function findFiles(
  item: BundleItem,
  { fromUnixMs, maxBytes, questions, signal, onProgress = () => undefined }: FindFilesOptions,
): Promise<FoundFiles> {
  const paths = new Map<string, boolean>();
  const found: FoundFile[] = [];
  const missed: unknown[] = [];
  /** What is told once of each filesystem, however many files on it were not asked for. */
  const silent = new Map<string, Error>();
  const denied = new Map<string, Error>();
  const onSilent = (reason: Error): void => void silent.set(reason.message, reason);
  const globQuestions: GlobQuestions = {
    mounts: questions.mounts,
    ask: (path, question, late) =>
      questions.ask(path, question, { signal: late ? AbortSignal.any([signal, late]) : signal }),
    onSilent,
    // Several patterns of an item may meet the same folder.
    onDenied: (reason) => void denied.set(reason.message, reason),
  };
  for (const pattern of item.files ?? []) {
    if (!isGlob(pattern)) {
      paths.set(pattern, true);
      continue;
    }
    try {
      for await (const path of askedGlob(pattern, globQuestions)) {
        onProgress();
        if (!paths.has(path)) paths.set(path, false);
      }
    } catch (error) {
      if (signal.aborted || !(error instanceof Unanswered)) throw error;
      onSilent(error);
    }
  }
  for (const [path, named] of paths) {
    signal.throwIfAborted();
    try {
      const stat = await questions.ask(path, () => lstat(path), { signal });
      onProgress();
      if (!named && (!stat.isFile() || stat.mtimeMs < fromUnixMs - marginMs)) continue;
      found.push({ path, modifiedMs: stat.mtimeMs, bytes: stat.size, isLink: stat.isSymbolicLink() });
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof Unanswered) onSilent(error);
      else if (named) missed.push(error);
    }
  }
  missed.push(...silent.values(), ...denied.values());
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
