import { setTimeout as delay } from 'node:timers/promises';
import { SextantError } from '../../../errors/sextant-error.ts';
import type { Log } from '../../../logging/log.ts';
import type { Store } from '../store.ts';
import { isAway } from './away.ts';

const firstPauseMs = 250;
const longestPauseMs = 15_000;

/**
 * A store that starts without its server. While it is away the journal goes on taking data up to its bound, inserts
 * and queries reject with SX_STORAGE_AWAY, and the start is tried again behind their backs.
 *
 * A server that does not fit (SX_STORAGE_UNFIT) makes the start reject when it is found at once; found later, the
 * process stays, since it may hold data that nobody else has, and looks again whether it has been mended.
 */
export function createPatientStore(store: Store, log: Log): Store {
  const stop = new AbortController();
  let waiting: Promise<void> | undefined;
  let why: SextantError | undefined;

  async function tryStart(): Promise<boolean> {
    try {
      await store.start();
      why = undefined;
      return true;
    } catch (error) {
      await store.close();
      if (!isAway(error)) throw error;
      why = error as SextantError;
      return false;
    }
  }

  async function keepTrying(): Promise<void> {
    let pauseMs = firstPauseMs;
    while (!stop.signal.aborted) {
      await delay(pauseMs, undefined, { signal: stop.signal, ref: false }).catch(() => {});
      if (stop.signal.aborted) return;
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
      const before = why?.message;
      const started = await tryStart().catch((error) => {
        log.error({ err: error }, 'storage could not start; it is tried again');
        return false;
      });
      if (started) {
        log.info('storage is there; what waits in the journal goes to it');
        return;
      }
      if (why && why.message !== before) log.warn({ reason: why.line() }, 'storage is not there yet');
    }
  }

  const there = (): void => {
    if (why) throw new SextantError(why.code, why.message, { cause: why, nextStep: why.nextStep });
  };

  return {
    ...store,
    async start() {
      if (await tryStart()) return;
      if (why?.code === 'SX_STORAGE_UNFIT') throw why;
      log.warn({ reason: why?.line() }, 'storage is not there; the journal takes data meanwhile');
      waiting = keepTrying();
    },
    async close() {
      stop.abort();
      await waiting;
      await store.close();
    },
    async insertJournalFile(file, options) {
      there();
      await store.insertJournalFile(file, options);
    },
    async checkJournalFile(file) {
      there();
      await store.checkJournalFile(file);
    },
    async maintain(sql) {
      there();
      await store.maintain(sql);
    },
    async rollUp() {
      there();
      await store.rollUp();
    },
    async query(sql, options) {
      there();
      return store.query(sql, options);
    },
    async *stream(sql, options) {
      there();
      yield* store.stream(sql, options);
    },
  };
}
