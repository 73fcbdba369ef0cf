import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { LogPipeline } from '../source.ts';
import { lastAliveUnixMs, markAlive } from './alive.ts';
import { findInFolder } from './find-in-folder.ts';
import type { FilesystemId } from './identity.ts';
import { lossInAbsence } from './loss.ts';
import { originalOfPacked } from './packed.ts';
import type { PackedRests } from './packed-rests.ts';
import { parsePosition } from './position.ts';
import { type AskPath, isBelowAny, whereAnswered } from './scan-questions.ts';

/** What a look at all there is has found. */
interface Scanned {
  /** Folders that were looked at. */
  folders: readonly string[];
  /** Those that did not answer. */
  silent: readonly string[];
  /** Compressed files in the folders. */
  packed: readonly string[];
  /** True of a file that is followed, or passed over. */
  isKnown(key: string): boolean;
}

/**
 * Finds out what became, while the agent was away, of files that are not there any more: after the first look at all
 * there is. Their rests, and rotations that came and were compressed meanwhile, are read from compressed files; what
 * nobody can tell any more is reported.
 */
export function createAbsence(options: {
  logs: LogPipeline;
  packed: PackedRests;
  filesystemId: FilesystemId;
  ask: AskPath;
  isFollowed(path: string): boolean;
  nowMs(): number;
}) {
  const { logs, packed, isFollowed, nowMs, filesystemId, ask } = options;
  const awaySince = lastAliveUnixMs(logs);
  /** Files of earlier runs of which it is not known yet what became of them. */
  const unexplained = new Set(logs.keys('file:'));
  /** How what earlier runs read began, before another file that got an inode of theirs takes its mark over. */
  const readHeads = headsOf(unexplained);
  let looked = false;
  /** Folders of which the first look knows nothing, since they did not answer. */
  let unseen: readonly string[] = [];
  /** Compressed files that did not answer when they were asked how old they are. */
  const unasked = new Set<string>();

  async function scanned(found: Scanned): Promise<void> {
    const isNew = isBelowAny(unseen);
    const news = found.packed.filter((path) => !looked || isNew(path));
    if (awaySince > 0) await takeNewOf([...news, ...unasked], logs.keys('file:'));
    const isSilent = isBelowAny(found.silent);
    const within = (folder: string): string => join(folder, 'any');
    const still = unseen.filter((folder) => isSilent(within(folder)));
    unseen = [...new Set([...still, ...found.silent.filter((folder) => !looked || isNew(within(folder)))])];
    looked = true;
    await explain(unexplained, found);
    if (found.silent.length === 0) markAlive(logs, nowMs());
  }

  async function explain(keys: Set<string>, { folders, isKnown }: Scanned): Promise<void> {
    const wanted = new Map<string, Set<string>>();
    for (const key of keys) {
      const position = parsePosition(logs.position(key));
      if (!position || isKnown(key) || !isFollowed(position.path)) keys.delete(key);
      else wanted.set(dirname(position.path), (wanted.get(dirname(position.path)) ?? new Set()).add(key));
    }
    for (const folder of folders) {
      const missed = wanted.get(folder);
      // Renamed while they were looked for, or not readable now: what is there is for a later look.
      const present = missed && (await whereAnswered(() => findInFolder(folder, missed, filesystemId, ask)));
      if (!present) continue;
      for (const key of missed) {
        const position = parsePosition(logs.position(key));
        if (present.has(key) || !position || !keys.has(key) || isKnown(key)) continue;
        keys.delete(key);
        if (position.copy || position.finished) logs.forget(key);
        else packed.takeUp(key, position, lossInAbsence(position));
      }
    }
  }

  async function takeNewOf(paths: readonly string[], keys: readonly string[]): Promise<void> {
    const heads = new Set([...readHeads, ...headsOf(keys)]);
    for (const path of paths) await takeNew(path, heads);
  }

  function headsOf(keys: Iterable<string>): Set<string> {
    const heads = new Set<string>();
    for (const key of keys) {
      const position = parsePosition(logs.position(key));
      if (position && position.headBytes > 0) heads.add(`${position.headBytes} ${position.fingerprint}`);
    }
    return heads;
  }

  /** Compressing keeps the time of the last line; what is older than the absence was read. */
  async function takeNew(path: string, heads: ReadonlySet<string>): Promise<void> {
    if (originalOfPacked(path, isFollowed) === undefined) return;
    unasked.add(path);
    const found = await whereAnswered(() => ask(path, () => stat(path).catch(() => null)));
    if (found === undefined) return;
    unasked.delete(path);
    if (found && found.mtimeMs > awaySince) packed.takeNew(path, awaySince, isFollowed, heads);
  }

  return {
    /** A file is followed: what becomes of it from now on did not happen in the absence. */
    found: (key: string): void => void unexplained.delete(key),
    /** Says what was found; the first call decides about files of earlier runs, later ones about what it left open. */
    scanned,
  };
}
