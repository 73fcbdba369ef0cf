import { readdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import type { Source, SourceContext } from '../source.ts';
import { createDiscovery } from './discovery.ts';
import { createChunkEmitter } from './emit.ts';
import { createFollowedFile, type FileIdentity, type FollowedFile, identify } from './followed-file.ts';
import { type FilePosition, parsePosition, positionKey } from './position.ts';
import { continues, startPosition } from './start-position.ts';
import { createWakeUps } from './wake-ups.ts';

/** 256 KiB: measured in test/bench/agent.ts, larger chunks gain nothing and hold the event loop longer. */
const chunkBytes = 256 * 1024;
/** Everything is looked for anew this often, whether the kernel has told of changes or not. */
const rescanEveryMs = 60_000;
/** Names change in bursts when logs are rotated. */
const rescanDelayMs = 50;
/** A rotated file that has not grown for this long is finished: its writer has gone over to the new one. */
const rotatedIdleMs = 5_000;
/** … and is not looked at any more after this long. */
const forgetRotatedAfterMs = 3_600_000;
const releaseAfterMs = 60_000;
const longestPauseMs = { watched: 60_000, unwatched: 2_000 };

interface Followed {
  file: FollowedFile;
  nextLookMs: number;
  pauseMs: number;
  lastLookMs: number;
}

/** Follows files: every line exactly once through renaming, truncation, deletion and restarts. */
export function createFilesSource(context: SourceContext): Source {
  const { logs, settings, profile, log, nowMs } = context;
  const pollEveryMs = settings['agent.files.pollEvery'];
  const maxLineBytes = settings['agent.files.maxLineBytes'];
  const operatorGlobs = settings['agent.files.follow'];
  const host = settings['agent.node'] || hostname();
  const discovery = createDiscovery([...profile.files.follow, ...operatorGlobs], profile.files.exclude);
  const operatorDiscovery = createDiscovery(operatorGlobs, []);
  const emit = createChunkEmitter({ logger: logs.logger('files'), maxLineBytes, nowMs });
  const followed = new Map<string, Followed>();
  const byPath = new Map<string, Followed>();
  // A line over the limit must fit with the character behind it.
  const buffer = Buffer.allocUnsafe(Math.max(chunkBytes, maxLineBytes + 8));
  const wakeUps = createWakeUps({
    changed(path) {
      const entry = byPath.get(path);
      if (!entry) return;
      entry.pauseMs = pollEveryMs;
      // A busy writer wakes us once per poll interval at most.
      entry.nextLookMs = Math.min(entry.nextLookMs, entry.lastLookMs + Math.min(pollEveryMs, 100));
      wake();
    },
    renamed() {
      nextScanMs = Math.min(nextScanMs, nowMs() + rescanDelayMs);
      wake();
    },
  });

  let state: 'starting' | 'running' | 'absent' = 'starting';
  let closed = false;
  let running: Promise<void> | undefined;
  let wake: () => void = () => {};
  let nextScanMs = 0;
  let firstScan = true;
  let firstStartUnixMs = 0;
  let records = 0;
  let lostBytes = 0;
  let lastRecordUnixMs: number | undefined;

  async function run(): Promise<void> {
    while (!closed) {
      if (nowMs() >= nextScanMs) {
        nextScanMs = nowMs() + rescanEveryMs;
        await scan();
      }
      await readDue();
      if (closed) return;
      await pause();
    }
  }

  /** Reads a chunk from each file that is due, again and again until none has more: nobody waits for a flood. */
  async function readDue(): Promise<void> {
    let turn: Followed[] = takeDue();
    while (turn.length > 0 && !closed) {
      const goOn: Followed[] = [];
      for (const entry of turn) {
        if (closed) return;
        if (await readOnce(entry)) goOn.push(entry);
        await logs.ready();
      }
      if (nowMs() >= nextScanMs) return;
      const more = new Set(goOn);
      for (const entry of takeDue()) more.add(entry);
      turn = [...more];
    }
  }

  function takeDue(): Followed[] {
    const now = nowMs();
    const due: Followed[] = [];
    for (const entry of followed.values()) if (entry.nextLookMs <= now) due.push(entry);
    return due;
  }

  function pause(): Promise<void> {
    let next = nextScanMs;
    for (const entry of followed.values()) next = Math.min(next, entry.nextLookMs);
    const waitMs = Math.max(0, next - nowMs());
    if (waitMs === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, waitMs);
      wake = () => {
        clearTimeout(timer);
        // Not at once: what woke us may come in a burst.
        setTimeout(resolve, 5);
        wake = () => {};
      };
    });
  }

  /** Looks at one file once; true when it has more to read right now. */
  async function readOnce(entry: Followed): Promise<boolean> {
    const { file } = entry;
    const look = await file.look(buffer).catch((error: Error) => {
      log.warn({ path: file.path, error: error.message }, 'cannot read a followed file');
      return undefined;
    });
    const now = nowMs();
    entry.lastLookMs = now;
    const idleMs = now - file.lastGrowthMs;
    if (look?.kind === 'data') {
      emitChunk(file, buffer.subarray(0, look.length), false);
      entry.pauseMs = pollEveryMs;
      entry.nextLookMs = now + entry.pauseMs;
      if (look.more) entry.nextLookMs = now;
      return look.more;
    }
    if (look?.kind === 'replaced') {
      await replaced(file, look.unreadBytes);
      entry.nextLookMs = now;
      return true;
    }
    if (look?.kind === 'moved') {
      nextScanMs = Math.min(nextScanMs, now + rescanDelayMs);
      entry.nextLookMs = now + rescanEveryMs;
      return false;
    }
    if (look?.kind === 'unchanged') {
      if ((file.rotated && idleMs >= rotatedIdleMs) || look.links === 0) {
        await finish(entry, look.links === 0, idleMs);
        if (!followed.has(file.key)) return false;
      }
      if (idleMs >= releaseAfterMs && !file.rotated && followed.size > 256) await file.release();
    }
    const longest = wakeUps.isWatched(dirname(file.path)) ? longestPauseMs.watched : longestPauseMs.unwatched;
    entry.pauseMs = Math.min(entry.pauseMs * 2, file.rotated ? rotatedIdleMs : longest);
    entry.nextLookMs = now + entry.pauseMs;
    return false;
  }

  function emitChunk(file: FollowedFile, chunk: Buffer, final: boolean): void {
    const result = emit(file, chunk, final);
    if (result.records === 0 && result.consumed === 0) return;
    logs.mark(file.key, JSON.stringify(file.position));
    records += result.records;
    lastRecordUnixMs = nowMs();
  }

  /** Ends a file that nobody can write a line end to any more: what is left of it is its last line. */
  async function finish(entry: Followed, deleted: boolean, idleMs: number): Promise<void> {
    const { file } = entry;
    const rest = await file.look(buffer);
    if (rest.kind === 'data') emitChunk(file, buffer.subarray(0, rest.length), !rest.more);
    if (rest.kind !== 'unchanged') return;
    if (deleted) logs.forget(file.key);
    if (deleted || idleMs >= forgetRotatedAfterMs) {
      await file.release();
      drop(entry);
    }
  }

  function drop(entry: Followed): void {
    followed.delete(entry.file.key);
    if (byPath.get(entry.file.path) === entry) byPath.delete(entry.file.path);
  }

  /** Content was truncated or rewritten in place: what a copy beside it still holds is read there. */
  async function replaced(file: FollowedFile, unreadBytes: number): Promise<void> {
    const old = file.position;
    await file.restart();
    logs.mark(file.key, JSON.stringify(file.position));
    if (await followCopy(old)) return;
    if (unreadBytes > 0) reportLoss(old.path, unreadBytes);
  }

  function reportLoss(path: string, bytes: number): void {
    lostBytes += bytes;
    log.warn({ path, bytes }, 'a followed file was truncated before it had been read to its end');
  }

  /** Finds the file that holds the old content of a truncated one (copytruncate) and goes on there. */
  async function followCopy(old: FilePosition): Promise<boolean> {
    if (old.headBytes === 0) return false;
    const folder = dirname(old.path);
    for (const name of await readdir(folder).catch(() => [] as string[])) {
      const path = join(folder, name);
      if (path === old.path || /\.(gz|xz|zst|bz2)$/.test(name)) continue;
      const identity = await identify(path);
      if (!identity || identity.ino === old.ino || !continues(old, identity)) continue;
      const entry = follow(path, { ...old, dev: identity.dev, ino: identity.ino }, identity);
      entry.file.rotated = true;
      logs.mark(entry.file.key, JSON.stringify(entry.file.position));
      return true;
    }
    return false;
  }

  function follow(path: string, position: FilePosition, identity: FileIdentity): Followed {
    const file = createFollowedFile({
      path,
      host,
      position,
      head: identity.head.subarray(0, position.headBytes),
      nowMs,
    });
    const entry: Followed = { file, nextLookMs: nowMs(), pauseMs: pollEveryMs, lastLookMs: 0 };
    followed.set(file.key, entry);
    byPath.set(path, entry);
    return entry;
  }

  /** Finds new, renamed and deleted files. */
  async function scan(): Promise<void> {
    const found = await discovery.find();
    const operatorNamed = new Set(operatorGlobs.length > 0 ? (await operatorDiscovery.find()).matched : []);
    wakeUps.watch(found.folders);
    const present = new Set<string>();
    for (const path of found.matched) {
      if (closed) return;
      const identity = await identify(path);
      if (!identity) continue;
      const key = positionKey(identity.dev, identity.ino);
      const known = followed.get(key);
      if (known) {
        if (!present.has(key)) moveTo(known, path);
        present.add(key);
        continue;
      }
      present.add(key);
      await begin(path, identity, operatorNamed.has(path));
    }
    for (const entry of [...followed.values()]) {
      if (present.has(entry.file.key) || entry.file.rotated) continue;
      await leave(entry, found.others);
    }
    if (firstScan) await resumeRotated(found.others);
    firstScan = false;
  }

  function moveTo(entry: Followed, path: string): void {
    if (entry.file.path === path) {
      byPath.set(path, entry);
      return;
    }
    if (byPath.get(entry.file.path) === entry) byPath.delete(entry.file.path);
    entry.file.path = path;
    byPath.set(path, entry);
  }

  /** Starts with a file that is not followed yet: where its marked position says, or at its start position. */
  async function begin(path: string, identity: FileIdentity, namedByOperator: boolean): Promise<void> {
    const marked = parsePosition(logs.position(positionKey(identity.dev, identity.ino)));
    if (marked && continues(marked, identity)) {
      follow(path, marked, identity);
      return;
    }
    if (marked) {
      // Truncated, or deleted and its inode used again, while the agent was away.
      const position = { ...marked, headBytes: 0, fingerprint: '' };
      const entry = follow(path, position, { ...identity, head: Buffer.alloc(0) });
      await entry.file.restart();
      if (!(await followCopy(marked))) log.info({ path }, 'a followed file was replaced while the agent was away');
      logs.mark(entry.file.key, JSON.stringify(entry.file.position));
      return;
    }
    const position = await startPosition({ path, identity, namedByOperator, firstStartUnixMs });
    const entry = follow(path, position, identity);
    if (position.offset > 0) logs.mark(entry.file.key, JSON.stringify(position));
  }

  /** A followed name has gone: the file was renamed (goes on by its handle or new name) or deleted. */
  async function leave(entry: Followed, others: readonly string[]): Promise<void> {
    const { file } = entry;
    file.rotated = true;
    entry.nextLookMs = nowMs();
    entry.pauseMs = pollEveryMs;
    if (byPath.get(file.path) === entry) byPath.delete(file.path);
    if (file.isOpen) return;
    const folder = dirname(file.path);
    for (const path of others) {
      if (dirname(path) !== folder) continue;
      const identity = await identify(path);
      if (identity && positionKey(identity.dev, identity.ino) === file.key) {
        moveTo(entry, path);
        return;
      }
    }
    logs.forget(file.key);
    drop(entry);
  }

  /** After a start: files that were rotated away meanwhile and have lines left that were not read. */
  async function resumeRotated(others: readonly string[]): Promise<void> {
    for (const path of others) {
      if (closed) return;
      const identity = await identify(path);
      if (!identity) continue;
      const key = positionKey(identity.dev, identity.ino);
      if (followed.has(key)) continue;
      const marked = parsePosition(logs.position(key));
      if (!marked || !continues(marked, identity)) continue;
      follow(path, marked, identity).file.rotated = true;
    }
  }

  return {
    name: 'files',
    async start() {
      if (profile.files.follow.length + operatorGlobs.length === 0) {
        state = 'absent';
        return;
      }
      const known = Number(logs.position('files:first-start'));
      firstStartUnixMs = known > 0 ? known : nowMs();
      if (!(known > 0)) logs.mark('files:first-start', String(firstStartUnixMs));
      await scan();
      nextScanMs = nowMs() + rescanEveryMs;
      state = 'running';
      running = run().catch((error) => log.error({ error }, 'BUG: following files has stopped'));
    },
    async close() {
      closed = true;
      wakeUps.close();
      wake();
      await running;
      for (const { file } of followed.values()) await file.release();
    },
    health: () => ({
      name: 'files',
      state,
      records,
      dropped: 0,
      ...(lastRecordUnixMs === undefined ? {} : { lastRecordUnixMs }),
      detail: `${followed.size} files${lostBytes > 0 ? `, ${lostBytes} bytes lost to truncation` : ''}`,
    }),
  };
}
