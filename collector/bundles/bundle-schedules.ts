import { askedClasses, checkClasses } from '../../bundle/asked-classes.ts';
import type { CapClass } from '../../bundle/caps.ts';
import type { RedactionProfile } from '../../bundle/redaction/profile.ts';
import { SextantError } from '../../errors/sextant-error.ts';
import type { Log } from '../../logging/log.ts';
import type { BundleJob, BundleScheduleRow } from '../api/shapes/bundles.ts';
import type { Audit } from '../state/audit.ts';
import type { State } from '../state/state.ts';
import type { BundleJobs } from './bundle-jobs.ts';
import { isFinished } from './bundle-record.ts';
import { type CronTimes, parseCron } from './cron-times.ts';
import { createScheduleRecords, type ScheduleRecord } from './schedule-records.ts';

export interface SchedulePlan {
  name: string;
  /** Five fields, UTC. */
  cron: string;
  /** How far back from the time of making it each bundle reaches. */
  windowMs: number;
  nodes: string[];
  roles: string[];
  /** Of content; empty: all. */
  classes: CapClass[];
  redaction: RedactionProfile;
  /** What is stored as Parquet too. */
  parquet: boolean;
}

/** Bundles that the collector makes again and again by itself. */
export interface BundleSchedules {
  start(): void;
  close(): Promise<void>;
  /** Durable when it returns. Throws SX_BAD_REQUEST (cron, classes), SX_CONFLICT (name, or too many). */
  create(plan: SchedulePlan, who: string): BundleScheduleRow;
  /** By name. */
  list(): BundleScheduleRow[];
  /** What it has made stays. Throws SX_NOT_FOUND. */
  delete(name: string, who: string): BundleScheduleRow;
  /** Has its bundle made now; the schedule's own times stay as they are. Throws SX_NOT_FOUND, SX_UNAVAILABLE. */
  run(name: string, who: string): Promise<BundleJob>;
  /** Has made what is due. Never rejects. */
  follow(): Promise<void>;
}

export interface BundleSchedulesCapabilities {
  jobs: Pick<BundleJobs, 'create' | 'get'>;
  state: State;
  audit: Audit;
  log: Log;
  nowMs: () => number;
}

const maxSchedules = 50;
/** The grain of a schedule is a minute. */
const lookEveryMs = 10_000;
/** After a longer downtime than this the bundle that catches up is not made longer still. */
const maxCatchUpMs = 7 * 24 * 3_600_000;

export function createBundleSchedules(capabilities: BundleSchedulesCapabilities): BundleSchedules {
  const { jobs, audit, log, nowMs } = capabilities;
  const records = createScheduleRecords(capabilities.state);
  const parsed = new Map<string, CronTimes>();
  let timer: NodeJS.Timeout | undefined;
  let following: Promise<void> | undefined;
  let closed = false;

  const find = (name: string): ScheduleRecord => {
    const record = records.get(name);
    if (!record)
      throw new SextantError('SX_NOT_FOUND', `there is no schedule ${name}`, {
        nextStep: '`sextant bundle schedule list` shows what there is',
      });
    return record;
  };
  const timesOf = (record: ScheduleRecord): CronTimes => {
    const times = parsed.get(record.cron) ?? parseCron(record.cron, nowMs());
    parsed.set(record.cron, times);
    return times;
  };
  // A clock that was set back must not silence a schedule.
  const dueUnixMs = (record: ScheduleRecord): number | undefined =>
    timesOf(record).next(Math.min(record.followedUnixMs, nowMs()));
  const lastJob = ({ lastBundle }: ScheduleRecord): BundleJob | undefined => {
    try {
      return lastBundle === null ? undefined : jobs.get(lastBundle);
    } catch {
      return undefined;
    }
  };
  const make = async (record: ScheduleRecord, fromUnixMs: number): Promise<BundleJob> => {
    const { name, nodes, roles, classes, redaction, parquet } = record;
    const untilUnixMs = nowMs();
    const window = { fromUnixMs, untilUnixMs };
    const wish = { ...window, nodes, roles, classes, redaction, parquet };
    const job = await jobs.create({ ...wish, requestedBy: name, origin: 'schedule' });
    Object.assign(record, { lastRunUnixMs: untilUnixMs, lastBundle: job.id, lastError: null });
    return job;
  };
  /** What was missed while the collector was down is made up for by one bundle that reaches as far back as the first. */
  const followOne = async (record: ScheduleRecord): Promise<void> => {
    const now = nowMs();
    const due = dueUnixMs(record);
    if (due === undefined || due > now) return;
    // One at a time: a bundle that takes longer than its interval must not pile up behind itself.
    const last = lastJob(record);
    if (last && !isFinished(last.state)) return;
    try {
      const job = await make(record, Math.max(due - record.windowMs, now - Math.max(record.windowMs, maxCatchUpMs)));
      record.followedUnixMs = now;
      log.info({ schedule: record.name, bundle: job.id, dueSince: new Date(due).toISOString() }, 'scheduled bundle');
    } catch (error) {
      record.lastError = (error as Error).message;
      // What passes is tried again; what does not would be tried for ever.
      if (!(error instanceof SextantError && error.code === 'SX_UNAVAILABLE')) record.followedUnixMs = now;
      log.error({ schedule: record.name, err: error }, 'cannot make a scheduled bundle');
    }
    // It may have been deleted meanwhile.
    if (!closed && records.get(record.name)) records.save(record);
  };
  const follow = async (): Promise<void> => {
    for (const record of records.list()) {
      if (closed) return;
      await followOne(record);
    }
  };
  const show = (record: ScheduleRecord): BundleScheduleRow => {
    const iso = (unixMs: number | null | undefined): string | null => (unixMs ? new Date(unixMs).toISOString() : null);
    return {
      name: record.name,
      cron: record.cron,
      windowMs: record.windowMs,
      nodes: record.nodes,
      roles: record.roles,
      classes: record.classes,
      redaction: record.redaction,
      parquet: record.parquet,
      createdBy: record.createdBy,
      createdAt: new Date(record.createdUnixMs).toISOString(),
      nextRunAt: iso(dueUnixMs(record)),
      lastRunAt: iso(record.lastRunUnixMs),
      lastBundle: record.lastBundle,
      lastState: lastJob(record)?.state ?? null,
      lastError: record.lastError,
    };
  };
  const followNow = (): Promise<void> => {
    following ??= follow()
      .catch((error) => log.error({ err: error }, 'cannot follow the schedules of bundles'))
      .finally(() => {
        following = undefined;
      });
    return following;
  };

  return {
    start: () => {
      void followNow();
      timer = setInterval(() => void followNow(), lookEveryMs);
    },
    close: async () => {
      closed = true;
      clearInterval(timer);
      await following;
    },
    create: (asked, who) => {
      const plan = { ...asked, classes: askedClasses(asked.classes) };
      parseCron(plan.cron, nowMs());
      checkClasses(plan);
      if (records.get(plan.name)) {
        throw new SextantError('SX_CONFLICT', `there is a schedule ${plan.name} already`, {
          nextStep: `choose another name, or delete that one first: sextant bundle schedule delete ${plan.name}`,
        });
      }
      if (records.list().length >= maxSchedules) {
        throw new SextantError('SX_CONFLICT', `there are ${maxSchedules} schedules already`, {
          nextStep: 'delete one that is not needed: sextant bundle schedule delete NAME',
        });
      }
      const nothing = { lastRunUnixMs: null, lastBundle: null, lastError: null };
      const now = nowMs();
      const record: ScheduleRecord = { ...plan, createdBy: who, createdUnixMs: now, followedUnixMs: now, ...nothing };
      records.save(record);
      audit('bundle.schedule-created', who, { ...plan });
      return show(record);
    },
    list: () => records.list().map(show),
    delete: (name, who) => {
      const record = find(name);
      const row = show(record);
      records.remove(name);
      audit('bundle.schedule-deleted', who, { name });
      return row;
    },
    run: async (name, who) => {
      const record = find(name);
      audit('bundle.schedule-run', who, { name });
      const job = await make(record, nowMs() - record.windowMs);
      const { followedUnixMs } = records.get(name) ?? record;
      if (records.get(name)) records.save({ ...record, followedUnixMs });
      return job;
    },
    follow: followNow,
  };
}
