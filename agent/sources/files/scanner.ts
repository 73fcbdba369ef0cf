import { dirname } from 'node:path';
import type { LogPipeline } from '../source.ts';
import { createAbsence } from './absence.ts';
import { createCopies } from './copies.ts';
import type { Discovery } from './discovery.ts';
import { findInFolder } from './find-in-folder.ts';
import { createFollowedFile, type FollowedFile } from './followed-file.ts';
import type { FileFormat } from './format.ts';
import { type FileIdentity, type FilesystemId, identify, inodeOf, isFolder } from './identity.ts';
import { type Loss, lossInAbsence, lossInPresence } from './loss.ts';
import { isPacked } from './packed.ts';
import type { PackedRests } from './packed-rests.ts';
import { type FilePosition, parsePosition, positionKey, restKey } from './position.ts';
import type { Followed, Registry } from './registry.ts';
import { looksRotated, originalPath } from './rotated-names.ts';
import { type AskPath, askedAlready, isBelowAny, whereAnswered } from './scan-questions.ts';
import { continues, startPosition } from './start-position.ts';

export interface ScannerOptions {
  registry: Registry;
  discovery: Discovery;
  logs: LogPipeline;
  filesystemId: FilesystemId;
  /** How filesystems are asked by a scan. */
  ask: AskPath;
  /** Part of every id, so that records of two machines never share one. */
  host: string;
  firstStartUnixMs: number;
  pollEveryMs: number;
  /** True when the operator named this path himself, not a profile. */
  namedByOperator(path: string): boolean;
  onLoss(path: string, loss: Loss): void;
  formatOf(path: string): FileFormat;
  packed: PackedRests;
  nowMs(): number;
}

/** A rotated file that has not grown for this long is not looked at any more. */
export const leaveRotatedAfterMs = 3_600_000;
/** Files beyond this many are opened when they are looked at, and closed again when they rest. */
export const keptHandles = 256;
/**
 * Finds out which file is which: new ones, renamed ones, deleted ones, and copies that a copytruncate has left.
 * Every file is known by its inode; where its content goes on is decided here and nowhere else, in one file although it is
 * long: each of these looks changes what the others see, and apart they would hand all of it to one another.
 */
export function createScanner(options: ScannerOptions) {
  const { registry, discovery, logs, filesystemId, ask, nowMs } = options;
  /** Rotated files without lines for us, so that they are not opened at each scan: path and inode. */
  const passedOver = new Map<string, string>();
  const unreadable = new Set<string>();
  /** Files that may be copies in the making, to be looked at again soon: path and inode. */
  const undecided = new Map<string, string>();
  const mark = (file: FollowedFile): void => logs.mark(file.key, JSON.stringify(file.position));
  const copies = createCopies({ registry, logs, passedOver, undecided, readable, follow, mark, nowMs });
  const absence = createAbsence({
    logs,
    packed: options.packed,
    filesystemId,
    ask,
    isFollowed: discovery.matches,
    nowMs,
  });

  const isPassedOver = (wanted: string): boolean => {
    for (const keys of [passedOver, undecided]) for (const key of keys.values()) if (key === wanted) return true;
    return false;
  };

  /** Looks at every file there is. Returns the folders that hold them. */
  async function scanAll(): Promise<readonly string[]> {
    const { matched, others, packed, folders, silent } = await discovery.find(ask);
    const isSilent = isBelowAny(silent);
    const isMatched = new Set(matched);
    const present = new Set([...matched, ...others]);
    for (const path of passedOver.keys()) if (!present.has(path) && !isSilent(path)) passedOver.delete(path);
    await lookAtAll(matched, others);
    for (const entry of [...registry.all()]) {
      const { path, rotated } = entry.file;
      if (!rotated && !isMatched.has(path) && !isSilent(path)) await whereAnswered(() => leave(entry, ask));
    }
    await absence.scanned({
      folders,
      silent,
      packed,
      isKnown: (key) => registry.get(key) !== undefined || isPassedOver(key),
    });
    return folders;
  }

  /** Looks at single paths that something has happened to. True when one is a folder: only a full scan sees inside. */
  async function scanPaths(paths: Iterable<string>): Promise<boolean> {
    const matched: string[] = [];
    const others: string[] = [];
    let folders = false;
    for (const path of paths) {
      const found = await whereAnswered(() => ask(path, () => isFolder(path)));
      if (found === undefined) continue;
      if (found) folders = true;
      else if (discovery.matches(path)) matched.push(path);
      else if (!isPacked(path)) others.push(path);
    }
    await lookAtAll(matched, others);
    return folders;
  }

  /**
   * Known files first, because what is new may be a copy of theirs; among the new ones first those whose names do not
   * look rotated, for the same reason. What gives no answer is left as it is, for a later look.
   */
  async function lookAtAll(matched: readonly string[], others: readonly string[]): Promise<void> {
    undecided.clear();
    const fresh: string[] = [];
    const freshRotated: string[] = [];
    const freshOthers: string[] = [];
    for (const path of matched) {
      if ((await whereAnswered(() => lookAt(path))) === 'fresh') (looksRotated(path) ? freshRotated : fresh).push(path);
    }
    for (const path of others) if ((await whereAnswered(() => lookAtOther(path))) === 'fresh') freshOthers.push(path);
    for (const path of [...fresh, ...freshRotated]) await whereAnswered(() => beginFresh(path));
    for (const path of freshOthers) await whereAnswered(() => beginFreshOther(path));
  }

  /** A path that is to be followed: recognises the file behind it, unless it has never been seen. */
  async function lookAt(path: string): Promise<'known' | 'fresh'> {
    const inode = await ask(path, () => inodeOf(path, filesystemId));
    const key = inode && positionKey(inode.dev, inode.ino);
    const at = registry.at(path);
    if (at && at.file.key !== key) await leave(at, ask);
    if (key === undefined || at?.file.key === key || passedOver.get(path) === key) return 'known';
    const known = registry.get(key);
    if (known) {
      await moved(known, path);
      return 'known';
    }
    const marked = parsePosition(logs.position(key));
    if (!marked) return 'fresh';
    await using identity = await readable(path);
    if (!identity) return 'known';
    if (!continues(marked, identity)) await beginAnew(path, path, marked, identity);
    else if (marked.copy) passedOver.set(path, key);
    else follow(path, marked, identity);
    return 'known';
  }

  /** A file beside the followed ones: goes on with it when it was followed before it was rotated. */
  async function lookAtOther(path: string): Promise<'known' | 'fresh'> {
    const inode = await ask(path, () => inodeOf(path, filesystemId));
    if (!inode) {
      passedOver.delete(path);
      return 'known';
    }
    const key = positionKey(inode.dev, inode.ino);
    const known = registry.get(key);
    // A rotated file that is still read by its handle: under its new name the kernel's hints find it.
    if (known && known.file.path !== path) await moved(known, path);
    if (known || passedOver.get(path) === key) return 'known';
    passedOver.set(path, key);
    const marked = parsePosition(logs.position(key));
    const original = originalOf(path);
    if (!marked) return original === undefined ? 'known' : 'fresh';
    await using identity = await readable(path);
    if (!identity) return 'known';
    if (!continues(marked, identity)) {
      if (original !== undefined) rotated(await beginAnew(path, original, marked, identity));
      // The inode of a deleted file went to one that is nothing to us.
      else if (isUnread(marked)) options.packed.takeUp(key, marked, lossInAbsence(marked));
      return 'known';
    }
    // One that is read to its end may still have a writer.
    const finished = identity.size === marked.offset && nowMs() - identity.modifiedUnixMs > leaveRotatedAfterMs;
    if (!marked.copy && !finished) rotated(follow(path, marked, identity));
    return 'known';
  }

  async function beginFresh(path: string): Promise<void> {
    await using identity = await readable(path);
    if (!identity || copies.passOver(path, identity)) return;
    const begin = {
      namedByOperator: options.namedByOperator(path),
      firstStartUnixMs: options.firstStartUnixMs,
      encoding: options.formatOf(path).encoding,
    };
    const position = await ask(path, () => startPosition({ path, identity, ...begin }));
    const file = follow(path, position, identity);
    if (file && position.offset > 0) mark(file);
  }

  /** Born and rotated since the agent first ran here, and never read: all of it is new. */
  async function beginFreshOther(path: string): Promise<void> {
    const original = originalOf(path);
    await using identity = await readable(path);
    if (!identity || original === undefined || identity.birthUnixMs < options.firstStartUnixMs) return;
    if (copies.passOver(path, identity)) return;
    const position = await startPosition({
      path: original,
      identity,
      namedByOperator: true,
      firstStartUnixMs: 0,
      encoding: options.formatOf(original).encoding,
    });
    rotated(follow(path, position, identity));
  }

  const originalOf = (path: string): string | undefined => originalPath(path, discovery.matches);

  async function readable(path: string, asking = ask): Promise<FileIdentity | undefined> {
    const identity = await asking(
      path,
      () => identify(path, filesystemId),
      (late) => typeof late === 'object' && void late[Symbol.asyncDispose](),
    );
    if (identity === 'unreadable') unreadable.add(path);
    else unreadable.delete(path);
    return typeof identity === 'object' ? identity : undefined;
  }

  /** A followed file is found under another name. It may have two (hard link, symbolic link): then nothing changes. */
  async function moved(entry: Followed, path: string): Promise<void> {
    if (entry.file.path === path) return;
    const still = await ask(entry.file.path, () => inodeOf(entry.file.path, filesystemId));
    if (still && positionKey(still.dev, still.ino) === entry.file.key) return;
    registry.moveTo(entry, path);
    entry.nextLookMs = nowMs();
  }

  /**
   * Content that was truncated, or deleted and its inode used again, while the agent was away. What became of the old
   * one its own name says: a log that was rotated and compressed leaves its inode to whichever is made next.
   */
  async function beginAnew(
    path: string,
    name: string,
    marked: FilePosition,
    identity: FileIdentity,
  ): Promise<FollowedFile | undefined> {
    const loss = lossInAbsence(marked);
    const isGone = isUnread(marked);
    if (copies.passOver(path, identity)) {
      // The inode of a deleted file went to a copy of another. Its mark stays until the copy is decided.
      if (isGone && !undecided.has(path)) options.packed.takeUp(restKey(marked), marked, loss);
      return undefined;
    }
    const copy = await copies.followOf(marked, ask);
    const file = follow(path, { ...marked, path: name, headBytes: 0, fingerprint: '' }, identity);
    if (!file) return undefined;
    const missing = marked.offset + (loss.bytes ?? 0) - Math.max(copy?.size ?? 0, marked.offset);
    if (!copy && isGone) options.packed.takeUp(restKey(marked), marked, loss);
    else if (copy && missing > 0) options.onLoss(marked.path, { bytes: missing, unwatched: true });
    // In the turn in which the copy was marked: a crash must not separate the two.
    const restarting = file.restart(identity.head);
    file.lastSize = identity.size;
    mark(file);
    await restarting;
    return file;
  }

  /** Content of which, once it is gone, the end may not have been read. */
  const isUnread = ({ offset, finished, copy }: FilePosition): boolean => offset > 0 && !finished && !copy;

  function rotated(file: FollowedFile | undefined): void {
    if (file) file.rotated = true;
  }

  /** Undefined when another look has begun with it in the meantime. */
  function follow(path: string, position: FilePosition, identity: FileIdentity): FollowedFile | undefined {
    if (registry.get(positionKey(position.dev, position.ino))) return undefined;
    passedOver.delete(path);
    const { finished: _, seen: __, ...unfinished } = position;
    const file = createFollowedFile({
      path,
      host: options.host,
      position: unfinished,
      head: identity.head.subarray(0, position.headBytes),
      size: identity.size,
      birthUnixMs: identity.birthUnixMs,
      // Its first look may have to wait until the pipeline takes more, and it may be deleted meanwhile.
      handle: registry.size() < keptHandles ? identity.takeHandle() : undefined,
      filesystemId,
      nowMs,
    });
    registry.add(file, nowMs(), options.pollEveryMs);
    absence.found(file.key);
    return file;
  }

  /** A followed name has gone: the file was renamed (goes on by its handle or its new name) or deleted. */
  async function leave(entry: Followed, asking: AskPath): Promise<void> {
    const { file } = entry;
    file.rotated = true;
    entry.nextLookMs = nowMs();
    entry.pauseMs = options.pollEveryMs;
    registry.leavePath(entry);
    // It may just be being opened.
    await asking(file.path, () => file.hold());
    if (file.isOpen) return;
    const found = await findInFolder(dirname(file.path), new Set([file.key]), filesystemId, asking);
    const path = found?.get(file.key);
    if (path !== undefined) {
      file.rotated = !discovery.matches(path);
      registry.moveTo(entry, path);
      return;
    }
    // Both loops may find that it has gone.
    if (registry.get(file.key) !== entry) return;
    registry.drop(entry);
    options.packed.takeUp(file.key, file.position, lossInPresence(Math.max(0, file.lastSize - file.position.offset)));
  }

  return {
    scanAll,
    scanPaths,
    // By the reading loop, each of whose looks is a question already.
    followCopy: (old: FilePosition, head?: Buffer) => copies.followOf(old, askedAlready, head),
    leave: (entry: Followed) => leave(entry, askedAlready),
    /** Paths to be looked at again soon. */
    undecided: (): string[] => [...undecided.keys()],
    /** Files that may not be read. */
    unreadable: (): ReadonlySet<string> => unreadable,
  };
}
export type Scanner = ReturnType<typeof createScanner>;
