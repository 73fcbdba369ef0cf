import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import type { SourceHealth } from '../../protocol/control.ts';
import type { Sample } from '../pipeline/metric-data.ts';
import type { MetricCatalogue } from './metric-catalogue.ts';
import type { Source, SourceContext } from './source.ts';

/** What one round of asking brought. */
export interface Findings<Name extends string> {
  samples: Sample<Name>[];
  /** Log records that it emitted beside them. */
  records?: number;
}

/** One thing that is asked again and again. */
export interface PolledTask<Name extends string> {
  name: string;
  everyMs: number;
  /**
   * Asks once. Undefined: the machine has nothing of the kind, which is no failure. Rejects when it should have an
   * answer and has none; the task is then asked less and less often, down to an eighth.
   */
  ask(signal: AbortSignal): Promise<Findings<Name> | undefined>;
}

/** Beyond any deadline of a task's own: PowerShell's is two minutes. */
const patienceMs = 5 * 60_000;
/** Failing this many times in a row makes the source `failing`; one lost answer does not. */
const failuresToReport = 2;
const maxSlowing = 8;
/** The first answer comes within this part of the interval, or this time. */
const firstPart = 1 / 12;
const maxFirstMs = 5 * 60_000;

/**
 * A source made of tasks that each have their own interval, far apart from the metric sample.
 *
 * Each task has its own place in its interval that follows from the node's name: a fleet that starts together does
 * not ask together, neither the first time nor later.
 */
export function createPolledSource<Name extends string>(
  context: SourceContext,
  options: {
    name: string;
    catalogue: MetricCatalogue<Name>;
    /** Why there is nothing to ask, where that is known beforehand. */
    absent?: string | undefined;
    tasks: readonly PolledTask<Name>[];
    /** A task that gives no answer for this long is failing, and is not asked again before it has; five minutes. */
    patienceMs?: number;
    /** Place of a task in its interval, 0 to 1. */
    placeOf?: (task: string) => number;
  },
): Source {
  const { log, nowMs } = context;
  const placeOf = options.placeOf ?? ((task: string) => placeInInterval(hostname(), `${options.name}/${task}`));
  const states = new Map<string, { failures: number; message: string | undefined; absent: boolean }>();
  /** Tasks that have been asked and have not answered. */
  const open = new Map<string, { sinceMs: number }>();
  let stopping = new AbortController();
  let running: Promise<void>[] = [];
  let records = 0;
  let lastRecordUnixMs: number | undefined;

  async function poll(task: PolledTask<Name>, signal: AbortSignal): Promise<void> {
    const place = placeOf(task.name);
    await pause(place * Math.min(task.everyMs * firstPart, maxFirstMs), signal);
    while (!signal.aborted) {
      const failures = await askOnce(task, signal);
      const everyMs = task.everyMs * Math.min(2 ** failures, maxSlowing);
      await pause(untilNext(nowMs(), everyMs, place), signal);
    }
  }

  /** Resolves with how many times in a row the task has failed. */
  async function askOnce(task: PolledTask<Name>, signal: AbortSignal): Promise<number> {
    const before = states.get(task.name);
    try {
      const findings = await askInTime(task, signal);
      if (findings) {
        await context.samples.report(options.name, options.catalogue, findings.samples);
        records += findings.samples.length + (findings.records ?? 0);
        if (findings.samples.length > 0) lastRecordUnixMs = nowMs();
      }
      if (before?.message) log.info({ source: options.name, task: task.name }, 'a task of a source works again');
      states.set(task.name, { failures: 0, message: undefined, absent: findings === undefined });
      return 0;
    } catch (error) {
      if (signal.aborted) return 0;
      const message = (error as Error).message.split('\n')[0] ?? '';
      // One that hangs is told at once.
      const failures = Math.max((before?.failures ?? 0) + 1, open.has(task.name) ? failuresToReport : 0);
      if (message !== before?.message) {
        log.warn({ source: options.name, task: task.name, err: error }, 'a task of a source failed; it is tried again');
      }
      states.set(task.name, { failures, message, absent: false });
      return failures;
    }
  }

  /** The others have loops of their own and go on, whatever hangs here. */
  async function askInTime(task: PolledTask<Name>, signal: AbortSignal): Promise<Findings<Name> | undefined> {
    const earlier = open.get(task.name);
    if (earlier) throw new Error(`no answer since ${new Date(earlier.sinceMs).toISOString()}`);
    open.set(task.name, { sinceMs: nowMs() });
    const late = AbortSignal.any([signal, AbortSignal.timeout(options.patienceMs ?? patienceMs)]);
    const answer = task.ask(late).finally(() => open.delete(task.name));
    const { promise: givenUp, reject } = Promise.withResolvers<never>();
    const onLate = (): void => reject(new Error('it gives no answer'));
    late.addEventListener('abort', onLate, { once: true });
    // What fails only because it was stopped has nothing to add.
    answer.catch(() => undefined);
    try {
      return await Promise.race([answer, givenUp]);
    } finally {
      late.removeEventListener('abort', onLate);
    }
  }

  function health(): Pick<SourceHealth, 'state' | 'detail'> {
    if (options.absent !== undefined) return { state: 'absent', detail: options.absent };
    if (running.length === 0 && states.size === 0) return { state: 'starting' };
    const all = [...states.values()];
    const broken = options.tasks.filter(({ name }) => (states.get(name)?.failures ?? 0) >= failuresToReport);
    if (broken.length > 0) {
      const detail = broken.map(({ name }) => `${name}: ${states.get(name)?.message}`).join('; ');
      return { state: 'failing', detail: detail.slice(0, 1024) };
    }
    if (all.length === options.tasks.length && all.every(({ absent }) => absent)) {
      return {
        state: 'absent',
        detail: `the machine has nothing of ${options.tasks.map(({ name }) => name).join(', ')}`,
      };
    }
    return { state: 'running' };
  }

  return {
    name: options.name,
    async start() {
      if (options.absent !== undefined || running.length > 0) return;
      stopping = new AbortController();
      running = options.tasks.map((task) =>
        poll(task, stopping.signal).catch((error) =>
          log.error({ err: error, task: task.name }, 'BUG: a task has ended'),
        ),
      );
    },
    async close() {
      stopping.abort();
      await Promise.all(running);
      running = [];
      states.clear();
    },
    health: () => ({
      name: options.name,
      ...health(),
      records,
      dropped: 0,
      ...(lastRecordUnixMs === undefined ? {} : { lastRecordUnixMs }),
    }),
  };
}

/** A number from 0 to 1 that is always the same for a node and task, and far from that of most others. */
export function placeInInterval(node: string, task: string): number {
  return createHash('sha256').update(`${node}\0${task}`).digest().readUInt32BE(0) / 2 ** 32;
}

/** Milliseconds until the wall clock is next at this place of the interval; at least half an interval away. */
export function untilNext(nowMs: number, everyMs: number, place: number): number {
  const wait = everyMs - ((((nowMs - place * everyMs) % everyMs) + everyMs) % everyMs);
  return wait < everyMs / 2 ? wait + everyMs : wait;
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, Math.min(milliseconds, 2 ** 31 - 1));
  const onAbort = (): void => resolve();
  signal.addEventListener('abort', onAbort, { once: true });
  await promise;
  signal.removeEventListener('abort', onAbort);
  clearTimeout(timer);
}
