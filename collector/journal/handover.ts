import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { SextantError } from '../../errors/sextant-error.ts';
import type { Log } from '../../logging/log.ts';
import { isAway } from '../store/server/away.ts';
import type { Store } from '../store/store.ts';
import { type Isolated, isolateRefused } from './isolate.ts';
import type { ClosedJournalFile } from './journal-file.ts';
import type { Quarantine } from './quarantine.ts';

export interface Handover {
  add(file: ClosedJournalFile): void;
  /** Waits for the file that is on its way, and lets none follow until the returned function is called. */
  hold(): Promise<() => void>;
  /** Whether storage did not take the last file that it was given. */
  isFailing(): boolean;
  /** Resolves when storage has taken everything, or `withinMs` have passed; takes no further file then. */
  close(withinMs: number): Promise<void>;
}

interface HandoverCapabilities {
  store: Store;
  quarantine: Quarantine;
  log: Log;
  /** The file's rows are stored: remembers what must outlive it. Called before the file is removed. */
  onStored(file: ClosedJournalFile): Promise<void>;
  /** Storage did not take a file: most often there is no room left. */
  onFailed(): void;
  /** The file is gone. */
  onRemoved(file: ClosedJournalFile, quarantined: number): void;
}

const firstPauseMs = 100;
const longestPauseMs = 10_000;
const longestHoldMs = 30_000;

/** Gives the closed files of one signal to storage, one after the other in their order, and removes them. */
export function createHandover(capabilities: HandoverCapabilities): Handover {
  const { store, quarantine, log } = capabilities;
  const queue: ClosedJournalFile[] = [];
  const stop = new AbortController();
  let turn: Promise<void> | undefined;
  let holds = 0;
  let failing = false;
  /** Somebody called while a turn was ending; what they brought must not lie until the next one calls. */
  let calledMeanwhile = false;

  async function drain(): Promise<void> {
    let pauseMs = firstPauseMs;
    for (let file = queue[0]; file && holds === 0 && !stop.signal.aborted; file = queue[0]) {
      let quarantined: number | null;
      try {
        quarantined = await insert(file);
        if (quarantined === null) return;
        await capabilities.onStored(file);
        await rm(file.path, { force: true });
      } catch (error) {
        // Most often a full disk, where neither state.db nor the quarantine can be written. What is stored already, the
        // next try leaves out.
        failing = true;
        file.again = true;
        capabilities.onFailed();
        log.error({ err: error, file: file.name }, 'the handover of a journal file stumbled; it is tried again');
        await pause(pauseMs);
        pauseMs = Math.min(pauseMs * 2, longestPauseMs);
        continue;
      }
      failing = false;
      pauseMs = firstPauseMs;
      queue.shift();
      capabilities.onRemoved(file, quarantined);
    }
  }

  /** Tries until storage has the file; the number of batches that it could not take, or null when told to stop. */
  async function insert(file: ClosedJournalFile): Promise<number | null> {
    let quarantined = 0;
    let pauseMs = firstPauseMs;
    let refusals = 0;
    for (let attempt = 1; !stop.signal.aborted; attempt++) {
      let away: boolean;
      try {
        await store.insertJournalFile(file, { again: file.again });
        return quarantined;
      } catch (error) {
        if (stop.signal.aborted) return null;
        // Somebody has removed it. Those behind it must not wait for it for ever.
        if (!existsSync(file.path)) {
          log.error(
            { file: file.name, records: file.records },
            'a journal file is gone: what was not stored of it is lost',
          );
          return quarantined;
        }
        failing = true;
        file.again = true;
        capabilities.onFailed();
        log.warn({ err: error, file: file.name, attempt }, 'storage did not take a journal file; it is tried again');
        // A server that is away says nothing of the data.
        away = isAway(error);
        if (!away) refusals++;
      }
      // Once may be bad luck. From then on look whether it is the data, and again now and then.
      if (!away && (refusals === 2 || refusals % 10 === 0)) {
        const isolated: Isolated | null = await isolateRefused(file, { store, quarantine, log }).catch((error) => {
          if (!isAway(error)) throw error;
          return null;
        });
        quarantined += isolated?.quarantined ?? 0;
        if (isolated?.left === 0) return quarantined;
        if (isolated && isolated.quarantined > 0) continue;
      }
      await pause(pauseMs);
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    }
    return null;
  }

  const pause = (ms: number): Promise<void> =>
    delay(ms, undefined, { signal: stop.signal, ref: false }).catch(() => {});

  function run(): void {
    if (turn) {
      calledMeanwhile = true;
      return;
    }
    turn = drain()
      .catch((error) => log.error({ err: error }, 'the handover of journal files stumbled'))
      .finally(() => {
        turn = undefined;
        if (!calledMeanwhile) return;
        calledMeanwhile = false;
        run();
      });
  }
  const letGo = (): void => {
    holds--;
    run();
  };

  return {
    add(file) {
      queue.push(file);
      run();
    },
    isFailing: () => failing,
    async hold() {
      holds++;
      const late = delay(longestHoldMs, 'late' as const, { ref: false });
      if (turn && (await Promise.race([turn, late])) === 'late') {
        letGo();
        throw new SextantError('SX_UNAVAILABLE', 'storage has not taken a journal file for half a minute');
      }
      return letGo;
    },
    async close(withinMs) {
      if (turn) await Promise.race([turn, delay(withinMs, undefined, { ref: false })]);
      stop.abort();
    },
  };
}
