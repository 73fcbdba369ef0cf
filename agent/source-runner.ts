import { AsyncLocalStorage } from 'node:async_hooks';
import type { Log } from '../logging/log.ts';
import type { SourceHealth } from '../protocol/control.ts';
import type { Profile } from './profile/profile.ts';
import type { Source, SourceContext, SourceFactory } from './sources/source.ts';
import { createBackoff } from './uplink/backoff.ts';

const firstRetryMs = 1_000;
const maxRetryMs = 60_000;
/** A source has this long to start and to close; beyond it, it is left to itself. */
export type Patience = typeof patience;
const patience = {
  startMs: 60_000,
  closeMs: 10_000,
  lookEveryMs: 20_000,
  /**
   * Looks of the watchdog without an answer after which a source is stuck. Looks and not a time: on a machine that
   * slept, was starved or had its clock set, time has passed in which no source could have answered.
   */
  unansweredLooks: 3,
};
const maxDetailChars = 1024;

export interface SourceRunner {
  /** Starts all; resolves when each has started once or failed once. Never rejects. */
  start(): Promise<void>;
  health(): SourceHealth[];
  /** Restarts of each source since the start, whatever the reason. */
  restarts(): ReadonlyMap<string, number>;
  /** Makes those sources anew that read a section which has changed; the others go on. Resolves with their names. */
  useProfile(profile: Profile): Promise<string[]>;
  /** Takes an error that nobody caught, if it came out of a source: true when it did, and the source starts again. */
  takeError(error: unknown): boolean;
  close(): Promise<void>;
}

interface Running {
  factory: SourceFactory;
  source: Source | undefined;
  /** Why it does not run. */
  failure: string | undefined;
  restarts: number;
  /** Ends the work on this instance when the next one begins. */
  generation: number;
  /** What the watchdog saw last. */
  seen: { records: number; isAsked: boolean; looks: number };
}

/**
 * Runs the sources apart from each other. One that throws, wherever in its own work, that does not come back from its
 * start, or that neither progresses nor answers is closed and made anew with growing pauses; the others notice nothing.
 */
export function createSourceRunner(
  {
    factories,
    contextOf,
    flush,
    isBlocked,
    log,
  }: {
    factories: readonly SourceFactory[];
    contextOf(profile: Profile, factory: SourceFactory): SourceContext;
    /** Resolves when all that was emitted is durable: what a source is made anew from. */
    flush(): Promise<void>;
    /** The disk takes nothing at the moment: sources wait, which is no fault of theirs. */
    isBlocked(): boolean;
    log: Log;
  },
  options: { profile: Profile; patience?: Patience },
): SourceRunner {
  const limits = options.patience ?? patience;
  const stopping = new AbortController();
  const owner = new AsyncLocalStorage<Running>();
  const retrying = new Set<Promise<void>>();
  const all: Running[] = factories.map((factory) => ({
    factory,
    source: undefined,
    failure: undefined,
    restarts: 0,
    generation: 0,
    seen: { records: -1, isAsked: false, looks: 0 },
  }));
  let profile = options.profile;
  let watchdog: NodeJS.Timeout | undefined;

  /** False when the source must be started again; one that was replaced meanwhile is its successor's to care for. */
  async function tryStart(running: Running): Promise<boolean> {
    const { name } = running.factory;
    const { generation } = running;
    running.seen = { records: -1, isAsked: false, looks: 0 };
    try {
      // What it begins here, timers and callbacks included, is known to be its own.
      await owner.run(running, async () => {
        running.source = running.factory.create(contextOf(profile, running.factory));
        await within(limits.startMs, running.source.start(), 'did not start');
      });
      if (running.generation === generation) running.failure = undefined;
      return true;
    } catch (error) {
      if (running.generation !== generation) return true;
      running.failure = (error as Error).message;
      log.error({ err: error, source: name }, 'a source failed to start; trying again');
      await closeSource(running);
      return running.generation !== generation;
    }
  }

  async function closeSource(running: Running): Promise<void> {
    const { source } = running;
    running.source = undefined;
    if (!source) return;
    try {
      await within(
        limits.closeMs,
        owner.run(running, () => source.close()),
        'did not close',
      );
    } catch (error) {
      log.warn({ err: error, source: source.name }, 'a source did not close; it is left to itself');
    }
  }

  /** Closes a source that does not work and makes it anew until it starts. */
  function restart(running: Running, reason: string): void {
    const generation = ++running.generation;
    running.failure = reason;
    const work = (async () => {
      await closeSource(running);
      const backoff = createBackoff({ firstMs: firstRetryMs, maxMs: maxRetryMs });
      while (!stopping.signal.aborted && running.generation === generation) {
        await backoff.wait(stopping.signal);
        if (stopping.signal.aborted || running.generation !== generation) return;
        running.restarts += 1;
        await flush();
        if (running.generation !== generation || (await tryStart(running))) return;
      }
    })().catch((error: unknown) => log.error({ err: error }, 'BUG: restarting a source failed'));
    retrying.add(work);
    void work.finally(() => retrying.delete(work));
  }

  /** Asks each source for a sign of life; one that has neither answered nor emitted anything is stuck. */
  function look(): void {
    const blocked = isBlocked();
    for (const running of all) {
      const { source, seen } = running;
      if (!source?.answer || running.failure !== undefined) continue;
      const { records } = healthOf(running);
      if (!seen.isAsked || records !== seen.records) {
        const asked = { records, isAsked: true, looks: 0 };
        running.seen = asked;
        owner
          .run(running, async () => source.answer?.())
          .then(() => {
            asked.isAsked = false;
          })
          .catch((error: unknown) => {
            // Of one that is being closed it says nothing about the next.
            if (running.seen === asked && running.failure === undefined) restart(running, (error as Error).message);
          });
        continue;
      }
      seen.looks = blocked ? 0 : seen.looks + 1;
      if (seen.looks < limits.unansweredLooks) continue;
      const reason = `stuck: no record and no answer for ${Math.round((seen.looks * limits.lookEveryMs) / 1000)} s`;
      log.error({ source: source.name, reason }, 'a source is stuck; it is started again');
      restart(running, reason);
    }
  }

  function healthOf({ factory, source, failure, restarts }: Running): SourceHealth {
    const nothing: SourceHealth = { name: factory.name, state: 'starting', records: 0, dropped: 0 };
    let health = nothing;
    let broken = failure;
    try {
      health = source?.health() ?? nothing;
    } catch (error) {
      broken ??= (error as Error).message;
    }
    return {
      ...health,
      ...(restarts > 0 && { restarts }),
      ...(broken !== undefined && { state: 'failing' as const, detail: broken.slice(0, maxDetailChars) }),
    };
  }

  return {
    async start() {
      watchdog = setInterval(look, limits.lookEveryMs);
      await Promise.all(
        all.map(async (running) => {
          if (!(await tryStart(running))) restart(running, running.failure ?? 'it did not start');
        }),
      );
    },
    health: () => all.map(healthOf),
    restarts: () => new Map(all.map(({ factory, restarts }) => [factory.name, restarts])),
    async useProfile(next) {
      const before = profile;
      profile = next;
      const changed = all.filter(({ factory }) =>
        factory.sections.some((section) => JSON.stringify(before[section]) !== JSON.stringify(next[section])),
      );
      await Promise.all(
        changed.map(async (running) => {
          const generation = ++running.generation;
          await closeSource(running);
          await flush();
          if (stopping.signal.aborted || running.generation !== generation) return;
          if (!(await tryStart(running))) restart(running, running.failure ?? '');
        }),
      );
      return changed.map(({ factory }) => factory.name);
    },
    takeError(error) {
      const running = owner.getStore();
      if (!running || stopping.signal.aborted) return false;
      log.error(
        { err: error, source: running.factory.name },
        'a source threw where nobody caught it; it is started again',
      );
      restart(running, error instanceof Error ? error.message : String(error));
      return true;
    },
    async close() {
      stopping.abort();
      clearInterval(watchdog);
      await Promise.all(retrying);
      await Promise.all(all.map(closeSource));
    },
  };
}

async function within<Result>(timeMs: number, work: Promise<Result>, what: string): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} within ${timeMs / 1000} s`)), timeMs);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
