import { hostname } from 'node:os';
import { SeverityNumber } from '@opentelemetry/api-logs';
import type { Source, SourceContext } from '../source.ts';
import { markAlive } from './alive.ts';
import { createBell } from './bell.ts';
import { createDiscovery } from './discovery.ts';
import { createChunkEmitter } from './emit.ts';
import { createFilesystemIds } from './filesystem-ids.ts';
import { type FileFormat, loadFormats } from './format.ts';
import { isCertain, type Loss, lossText } from './loss.ts';
import { createPackedRests } from './packed-rests.ts';
import { chunkBytes, createReader, type Reader } from './reader.ts';
import { createRegistry } from './registry.ts';
import { createScanQuestions, type ScanQuestions } from './scan-questions.ts';
import { createScanner, type Scanner } from './scanner.ts';
import { createWakeUps } from './wake-ups.ts';

/** Everything is looked for anew this often, whether the kernel has told of changes or not. */
const rescanEveryMs = 60_000;
/** A copy that is being made is looked at again after this long. */
const undecidedMs = 100;
/** Names change in bursts when logs are rotated. */
const rescanDelayMs = 30;
/** A start waits this long for the first scan; a dead mount may hold it up. */
const firstScanWaitMs = 3_000;
/** The rest is in `sextant agent status`. */
const maxSilentTold = 3;
const firstStartKey = 'files:first-start';

/**
 * Follows files: every line exactly once through renaming, copytruncate, deletion and restarts of the agent.
 *
 * Two loops: one finds out which file is which, one reads. Neither waits for the other, so that a folder on a dead
 * mount does not hold up the rest.
 */
export function createFilesSource(context: SourceContext): Source {
  const { meter, settings, profile, fileQuestions, log, nowMs } = context;
  const logs = context.logs.ofClass(profile.files.priority);
  const pollEveryMs = settings['agent.files.pollEvery'];
  const maxLineBytes = settings['agent.files.maxLineBytes'];
  const operatorGlobs = settings['agent.files.follow'];
  const globs = [...profile.files.follow, ...operatorGlobs];
  const logger = logs.logger('files');
  const bufferBytes = Math.max(chunkBytes, maxLineBytes + 8);
  const registry = createRegistry();
  const lostBytesCounter = meter.createCounter('sextant.files.lost', {
    unit: 'By',
    description: 'Bytes that were truncated or deleted before they had been read.',
  });
  const lossCounter = meter.createCounter('sextant.files.losses', {
    unit: '{loss}',
    description: 'Times that content was gone before it had been read; of how many bytes is not always known.',
  });
  const unwatchedCounter = meter.createCounter('sextant.files.unwatched', {
    unit: '{file}',
    description: 'Files that went while they were not followed, and of which all that had been seen was read.',
  });
  let state: 'starting' | 'running' | 'absent' = 'starting';
  let records = 0;
  let losses = 0;
  let lastRecordUnixMs: number | undefined;
  let stop: (() => Promise<void>) | undefined;
  let scanner: Scanner | undefined;
  let scanQuestions: ScanQuestions | undefined;
  /** Who waits for the reading loop to come round. */
  const asked: (() => void)[] = [];
  let wakeReading = (): void => {};

  function onLoss(path: string, loss: Loss): void {
    const { bytes, unwatched } = loss;
    if (isCertain(loss)) {
      losses += 1;
      lossCounter.add(1);
      lostBytesCounter.add(bytes ?? 0);
    } else unwatchedCounter.add(1);
    log.warn({ path, bytes, unwatched }, 'content of a followed file is gone');
    logger.emit({
      timestamp: nowMs(),
      severityNumber: SeverityNumber.WARN,
      severityText: 'WARN',
      body: lossText(path, loss),
      attributes: { 'log.file.path': path, 'sextant.gap.bytes': bytes || -1, 'sextant.gap.unwatched': unwatched },
    });
  }

  /** Starts both loops; `scanned` is called when everything has been looked for once. */
  function run(formatOf: (path: string) => FileFormat, scanned: () => void): () => Promise<void> {
    const known = Number(logs.position(firstStartKey));
    const firstStartUnixMs = known > 0 ? known : nowMs();
    if (!(known > 0)) logs.mark(firstStartKey, String(firstStartUnixMs));
    const namedByOperator = createDiscovery(operatorGlobs, []);
    const discovery = createDiscovery(globs, []);
    const excluding = createDiscovery(globs, profile.files.exclude);
    const touched = new Set<string>();
    const scanBell = createBell();
    const readBell = createBell();
    wakeReading = readBell.ring;
    let everythingTouched = false;
    let stopped = false;

    const filesystemId = createFilesystemIds();
    const host = settings['agent.node'] || hostname();
    const emit = createChunkEmitter({ sink: logs.lines('files'), formatOf, chunkBytes: bufferBytes, nowMs });
    const onRecords = (count: number): void => {
      if (count === 0) return;
      records += count;
      lastRecordUnixMs = nowMs();
    };
    const packed = createPackedRests({
      logs,
      questions: fileQuestions,
      host,
      filesystemId,
      chunkBytes: bufferBytes,
      emit,
      onRecords,
      onLoss,
      nowMs,
    });
    const asking = createScanQuestions(
      { questions: fileQuestions, isStopped: () => stopped },
      { bases: discovery.bases },
    );
    scanQuestions = asking;
    const scanning = createScanner({
      registry,
      // What the operator names is followed even where the profile excludes it.
      discovery: {
        ...excluding,
        matches: (path) => excluding.matches(path) || namedByOperator.matches(path),
        find: async (ask) => {
          const found = await discovery.find(ask);
          const follows = (path: string) => excluding.matches(path) || namedByOperator.matches(path);
          return {
            ...found,
            matched: found.matched.filter(follows),
            others: [...found.others, ...found.matched.filter((path) => !follows(path))],
          };
        },
      },
      logs,
      filesystemId,
      ask: asking.ask,
      host,
      firstStartUnixMs,
      pollEveryMs,
      namedByOperator: namedByOperator.matches,
      onLoss,
      formatOf,
      packed,
      nowMs,
    });
    scanner = scanning;
    const reader: Reader = createReader({
      registry,
      scanner: scanning,
      questions: fileQuestions,
      logs,
      log,
      pollEveryMs,
      bufferBytes,
      emit,
      isWatched: (folder) => wakeUps.isWatched(folder),
      onRecords,
      packed,
      onLoss,
      onMoved(path) {
        touched.add(path);
        scanBell.ring();
      },
      nowMs,
    });
    const wakeUps = createWakeUps({
      changed(path) {
        if (reader.hint(path)) readBell.ring();
      },
      renamed(path) {
        if (path === undefined) everythingTouched = true;
        else touched.add(path);
        scanBell.ring();
      },
    });

    async function scanLoop(): Promise<void> {
      let nextFullMs = 0;
      while (!stopped) {
        // Folders appear as names too; a full scan finds what is in them.
        const paths = [...touched];
        touched.clear();
        const isDue = nowMs() >= nextFullMs || nextFullMs > nowMs() + rescanEveryMs;
        if (everythingTouched || isDue) {
          everythingTouched = false;
          nextFullMs = nowMs() + rescanEveryMs;
          const folders = await scanning.scanAll();
          if (stopped) return;
          everythingTouched = wakeUps.watch(folders);
          if (!everythingTouched) scanned();
        } else everythingTouched = await scanning.scanPaths(paths);
        readBell.ring();
        const undecided = scanning.undecided();
        const waitMs = undecided.length > 0 ? undecidedMs : nextFullMs - nowMs();
        // At most as long as it would be, whatever the clock does.
        if (touched.size === 0 && !everythingTouched) await scanBell.wait(Math.min(waitMs, rescanEveryMs));
        for (const path of undecided) touched.add(path);
        if (!stopped) await pause(rescanDelayMs);
      }
    }

    async function readLoop(): Promise<void> {
      while (!stopped) {
        await reader.readDue();
        for (const answered of asked.splice(0)) answered();
        const next = reader.nextDueMs();
        await readBell.wait(Math.min(rescanEveryMs, next === undefined ? rescanEveryMs : next - nowMs()));
      }
    }

    const failed = (error: unknown) => log.error({ err: error }, 'BUG: following files has stopped');
    const loops = [scanLoop().catch(failed), readLoop().catch(failed)];
    return async () => {
      stopped = true;
      reader.stop();
      wakeUps.close();
      scanBell.ring();
      readBell.ring();
      await Promise.all(loops);
      await packed.close();
      markAlive(logs, nowMs());
      for (const entry of [...registry.all()]) {
        if (!entry.stalled) await entry.file.release();
        registry.drop(entry);
      }
    };
  }

  return {
    name: 'files',
    async start() {
      if (globs.length === 0) {
        state = 'absent';
        return;
      }
      const formatOf = await loadFormats(profile.files.formats, maxLineBytes);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, firstScanWaitMs);
        stop = run(formatOf, () => {
          clearTimeout(timer);
          resolve();
        });
      });
      state = 'running';
    },
    answer() {
      if (state !== 'running') return Promise.resolve();
      const { promise, resolve } = Promise.withResolvers<void>();
      asked.push(resolve);
      wakeReading();
      return promise;
    },
    async close() {
      await stop?.();
      stop = undefined;
    },
    health() {
      const unreadable = scanner?.unreadable().size ?? 0;
      const parts = [`${registry.size()} files`];
      if (unreadable > 0) parts.push(`${unreadable} may not be read`);
      const silent = scanQuestions?.silent() ?? [];
      if (silent.length > 0)
        parts.push(
          `no answer from ${silent.slice(0, maxSilentTold).join(', ')}${silent.length > maxSilentTold ? ' …' : ''}`,
        );
      if (losses > 0) parts.push(`content lost ${losses} times`);
      return {
        name: 'files',
        state,
        records,
        dropped: 0,
        ...(lastRecordUnixMs === undefined ? {} : { lastRecordUnixMs }),
        ...(state === 'running' && { detail: parts.join(', ') }),
        ...(state === 'absent' && { detail: 'no files are named' }),
      };
    },
  };
}

const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
