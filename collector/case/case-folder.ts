import { join, resolve } from 'node:path';
import { formatBytes } from '../../bundle/report-format.ts';
import { loadSettings } from '../../config/load.ts';
import type { Settings } from '../../config/settings.ts';
import { lockFolder } from '../../durable/folder-lock.ts';
import { freeBytes } from '../../durable/free-space.ts';
import { SextantError } from '../../errors/sextant-error.ts';
import type { Log } from '../../logging/log.ts';
import { createClosers } from '../close-in-order.ts';
import type { Journal } from '../journal/journal.ts';
import { openData } from '../open-data.ts';
import type { State } from '../state/state.ts';
import type { Store } from '../store/store.ts';
import { type CaseRecords, openCaseRecords } from './case-records.ts';
import { floorBytes, fullCase, leastFreeBytes, namedWhenCaseIsFull } from './full-case.ts';
import { demandCasePlace, makeCaseFolders } from './new-case.ts';

/** A case: bundles of one matter, their telemetry in tables of its own, beside `case.db`. */
export interface Case {
  root: string;
  /** `CASE/collector`, laid out as a collector's, so that commands find it with `--data-dir CASE`. */
  folder: string;
  settings: Settings;
  store: Store;
  journal: Journal;
  state: State;
  records: CaseRecords;
  /** From here on telemetry counts as received at this time: when the bundle it comes from was made. */
  receivedAt(unixMs: number): void;
  /** Resolves when everything that was taken is in the tables. Throws SX_STORAGE_AWAY when they take nothing, SX_DISK_FULL. */
  settle(signal?: AbortSignal): Promise<void>;
  /** A case that this opening made and that holds no bundle is removed. */
  close(): Promise<void>;
}

const decade = 3650 * 86_400_000;
const patienceMs = 120_000;
/** Storage that takes nothing on a full disk needs no such long look. */
const fullPatienceMs = 10_000;

/**
 * Opens a case, or makes one of a folder that is new or empty; the folder becomes the working folder of this process (the
 * engine keeps files there). Throws SX_CONFLICT for a folder that holds something else, SX_DATA_FOLDER_HELD, SX_DISK_FULL.
 */
export async function openCase(path: string, log: Log): Promise<Case> {
  const root = resolve(path);
  demandCasePlace(root);
  const folder = join(root, 'collector');
  const folders = makeCaseFolders(root, folder);
  const free = await freeBytes(folder);
  if (folders.isNew && free < leastFreeBytes) {
    folders.removeEmpty();
    throw new SextantError(
      'SX_DISK_FULL',
      `a case needs ${formatBytes(leastFreeBytes)} to begin with, and ${formatBytes(free)} are free in ${root}`,
      { nextStep: 'free space, or name another place with --to' },
    );
  }
  const closers = createClosers(log);
  let isOurs = false;
  try {
    const lock = lockFolder(folder, { role: 'sextant bundle', nowMs: Date.now() });
    isOurs = true;
    closers.add('folder lock', lock.close);
    process.chdir(folder);
    process.umask(0o077);
    const records = openCaseRecords(root);
    closers.add('records', records.close);
    const settings = loadSettings({
      dataDir: root,
      overrides: {
        'site.name': 'Evidence',
        // Evidence does not age: nothing of a case is ever dropped.
        'collector.retention.logs': decade,
        'collector.retention.metrics': decade,
        'collector.retention.traces': decade,
        'collector.retention.rollups': decade,
        'collector.storage.minFreeBytes': floorBytes,
        // The engine holds a whole file's rows while it takes them: 8 MiB, which a collector wants, took 95 MB more of
        // 410, and 15 % less work (300,000 records, 2026-11-29, 2 cores).
        'collector.journal.closeAfterBytes': 2 * 2 ** 20,
        'collector.listen': '127.0.0.1',
        'collector.port': 0,
      },
    });
    let clockMs = Date.now();
    const nowMs = (): number => clockMs;
    const { state, store, journal } = await openData(folder, { settings, log, nowMs, closers });

    return {
      root,
      folder,
      settings,
      store,
      journal,
      state,
      records,
      receivedAt(unixMs) {
        clockMs = unixMs;
      },
      async settle(signal) {
        let last = { waiting: Number.POSITIVE_INFINITY, atMs: Date.now() };
        for (;;) {
          signal?.throwIfAborted();
          const waiting = journal.stats().backlogBytes;
          if (waiting === 0) break;
          if (waiting < last.waiting) last = { waiting, atMs: Date.now() };
          const stoodMs = Date.now() - last.atMs;
          if (stoodMs > fullPatienceMs && (await freeBytes(folder)) < floorBytes) throw await fullCase(root);
          if (stoodMs > patienceMs) {
            throw new SextantError('SX_STORAGE_AWAY', `${waiting} bytes wait and the tables of the case take nothing`, {
              nextStep: 'the same command goes on where this one stopped',
            });
          }
          await new Promise((done) => setTimeout(done, 50));
        }
        await store.rollUp();
      },
      async close() {
        const holdsNothing = folders.isNew && records.bundles().length === 0;
        await closers.closeAll();
        if (holdsNothing) await folders.remove();
      },
    };
  } catch (error) {
    await closers.closeAll();
    if (isOurs) await folders.remove();
    throw await namedWhenCaseIsFull(error, root);
  }
}
