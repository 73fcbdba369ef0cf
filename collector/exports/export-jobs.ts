import { randomBytes } from 'node:crypto';
import { SextantError } from '../../errors/sextant-error.ts';
import type { Log } from '../../logging/log.ts';
import { driveId } from '../../media/drives/drive.ts';
import type { MediaProcesses } from '../../media/process/media-process.ts';
import type { MediaMessage } from '../../media/process/messages.ts';
import type { DriveRow, ExportJob } from '../api/shapes/exports.ts';
import type { BundleJobs } from '../bundles/bundle-jobs.ts';
import type { Tokens } from '../identity/tokens.ts';
import type { Audit } from '../state/audit.ts';
import type { State } from '../state/state.ts';
import { demandDrive, driveRow } from './allowed-drives.ts';
import { demandSecondPerson } from './approval.ts';
import { outcomeOf } from './export-outcome.ts';
import { createExportProgress, type ExportProgress } from './export-progress.ts';
import { createExportRecords, hasEnded } from './export-records.ts';

interface ExportWish {
  bundle: string;
  /** A `DriveRow.id`. */
  drive: string;
  /** Go on with what an export that was broken off has left on the drive. */
  resume: boolean;
  split: boolean;
  eject: boolean;
  who: string;
}

/** Exports of bundles onto drives of the collector's machine, asked for over the API. Each step is in the audit. */
export interface ExportJobs {
  /** Removable drives and those of the site's list. Throws SX_UNAVAILABLE when a device hangs. */
  drives(): Promise<DriveRow[]>;
  /**
   * Returns when the request is durable: it runs, or waits for approval or its turn. Throws SX_NOT_FOUND (bundle, drive),
   * SX_EXPORT_REFUSED (a drive that the site does not allow), SX_MEDIUM_UNFIT, SX_CONFLICT, SX_UNAVAILABLE.
   */
  create(wish: ExportWish): Promise<ExportJob>;
  /** Throws SX_NOT_FOUND, SX_CONFLICT (it waits for no approval), SX_EXPORT_REFUSED. */
  approve(id: string, who: string): ExportJob;
  /** Stops it; an export that has ended stays as it is. Throws SX_NOT_FOUND. */
  cancel(id: string, who: string): ExportJob;
  /** Newest first. */
  list(): ExportJob[];
  /** Throws SX_NOT_FOUND. */
  get(id: string): ExportJob;
  /** Breaks off what runs. */
  close(): Promise<void>;
}

interface ExportJobsCapabilities {
  bundles: Pick<BundleJobs, 'get' | 'hold'>;
  media: MediaProcesses;
  tokens: Pick<Tokens, 'makersOf'>;
  state: State;
  audit: Audit;
  log: Log;
  nowMs: () => number;
}

export interface ExportJobsOptions {
  /** `media.*` of the configuration. Over the API an empty list of devices allows none. */
  allowedDevices: readonly string[];
  approvers: readonly string[];
  approvals: number;
  /** How long a medium that went away is waited for. */
  waitMs?: number;
}

const historyLength = 200;
const mostOpen = 20;
/** Nobody remembers later what it was for. */
const approvalWithinMs = 24 * 3_600_000;
const defaultWaitMs = 600_000;

export function createExportJobs(capabilities: ExportJobsCapabilities, options: ExportJobsOptions): ExportJobs {
  const { bundles, media, tokens, audit, log, nowMs } = capabilities;
  const records = createExportRecords(capabilities.state);
  const at = (): string => new Date(nowMs()).toISOString();
  let running: { job: ExportJob; progress: ExportProgress; abort: AbortController; ended: Promise<void> } | undefined;
  let closing = false;

  const settle = (job: ExportJob, state: ExportJob['state'], who: string, change: Partial<ExportJob> = {}): void => {
    if (hasEnded(job)) return;
    Object.assign(job, { nextStep: null, reason: null, ...change, state, finishedAt: at() });
    records.save(job);
    const { id, bundle, reason, missing } = job;
    audit(`export.${state as 'complete'}`, who, { export: id, bundle, reason, missing });
  };

  // What a stop or a crash broke off: a person decides whether the medium is still there.
  for (const job of records.open()) {
    if (job.state === 'waiting-for-approval' || job.state === 'waiting') continue;
    settle(job, 'interrupted', 'collector', {
      reason: 'the collector stopped while it was exporting',
      nextStep: 'export it again to the same drive and go on with what is there',
    });
  }

  const find = (id: string): ExportJob => {
    if (running?.job.id === id) return { ...running.job, progress: running.progress.now() };
    const job = records.get(id);
    if (!job) throw new SextantError('SX_NOT_FOUND', `there is no export ${id}`);
    if (job.state === 'waiting-for-approval' && nowMs() - Date.parse(job.requestedAt) > approvalWithinMs) {
      settle(job, 'cancelled', 'collector', { reason: 'nobody approved it within 24 hours' });
    }
    return job;
  };

  const startNext = (): void => {
    if (running || closing) return;
    const job = records.open().find(({ state }) => state === 'waiting');
    if (!job) return;
    const progress = createExportProgress();
    const abort = new AbortController();
    running = { job, progress, abort, ended: Promise.resolve() };
    running.ended = run(job, progress, abort.signal).finally(() => {
      running = undefined;
      startNext();
    });
  };

  const run = async (job: ExportJob, progress: ExportProgress, signal: AbortSignal): Promise<void> => {
    let hold: ReturnType<BundleJobs['hold']> | undefined;
    try {
      hold = bundles.hold(job.bundle);
      Object.assign(job, { state: 'running', startedAt: at() });
      records.save(job);
      audit('export.started', job.requestedBy, { export: job.id, bundle: job.bundle, drive: job.drive });
      progress.begin(bundles.get(job.bundle).bytes);
      const result = await media.runExport(
        {
          bundlePath: hold.folder,
          drive: job.drive.id,
          ...{ resume: job.resume, split: job.split, eject: job.eject },
          who: job.requestedBy,
          approvedBy: job.approvals.map(({ user }) => user),
          allowedDevices: options.allowedDevices,
          waitMs: options.waitMs ?? defaultWaitMs,
        },
        { signal, onMessage: (message) => onMessage(job, progress, message) },
      );
      settle(job, result.missing.length > 0 ? 'partial' : 'complete', job.requestedBy, outcomeOf(result));
    } catch (error) {
      const stopped = signal.aborted ? (signal.reason as Stopped) : undefined;
      const nextStep = error instanceof SextantError ? error.nextStep : 'look for the cause in the collector’s own log';
      settle(job, stopped?.state ?? 'failed', stopped?.who ?? job.requestedBy, {
        reason: (error as Error).message,
        nextStep: stopped ? stopped.nextStep : nextStep,
      });
      if (!stopped) log.error({ export: job.id, bundle: job.bundle, err: error }, 'export failed');
    } finally {
      hold?.release();
    }
  };

  const onMessage = (job: ExportJob, progress: ExportProgress, message: MediaMessage): void => {
    if (closing) return;
    progress.heard(message);
    if (message.type === 'step' && (message.step.at === 'waiting' || message.step.at === 'back')) {
      const gone = message.step.at === 'waiting' ? message.step.reason : null;
      Object.assign(job, {
        state: gone === null ? 'running' : 'waiting-for-medium',
        reason: gone,
        nextStep: gone === null ? null : 'put the medium back: the export goes on by itself',
      });
      records.save(job);
    }
    if (message.type !== 'journal') return;
    const { at: _, event, ...details } = message.entry;
    const subject = { export: job.id, bundle: job.bundle, ...details };
    // What became of each part is in the export's own journal and on the receipt.
    if (event === 'refused') audit('export.part-refused', job.requestedBy, subject);
    else if (event === 'medium' || event === 'medium-done' || event === 'lost' || event === 'back') {
      audit(`export.${event}`, job.requestedBy, subject);
    } else if (event === 'ejected') audit('export.ejected', job.requestedBy, subject);
  };

  startNext();
  return {
    async drives() {
      const found = await media.listDrives();
      return found
        .map((drive) => driveRow(drive, options.allowedDevices))
        .filter(({ removable, refusal }) => removable || refusal === null);
    },
    async create({ bundle, drive: id, resume, split, eject, who }) {
      const job = bundles.get(bundle);
      bundles.hold(bundle).release();
      const drive = (await media.listDrives()).find((candidate) => driveId(candidate) === id);
      if (!drive)
        throw new SextantError('SX_NOT_FOUND', `there is no drive ${id} on the collector’s machine`, {
          nextStep: '`sextant drives`, run there, shows what there is',
        });
      try {
        demandDrive(drive, options.allowedDevices);
      } catch (error) {
        audit('export.refused', who, { bundle, drive: id, reason: (error as Error).message });
        throw error;
      }
      const open = records.open();
      if (open.length >= mostOpen)
        throw new SextantError('SX_UNAVAILABLE', 'too many exports wait already', {
          nextStep: 'wait until one is done, or cancel one in the dashboard',
        });
      if (open.some((other) => other.bundle === bundle && other.drive.id === id)) {
        throw new SextantError('SX_CONFLICT', 'this bundle is being exported to this drive already', {
          nextStep: 'wait until it is done, or cancel it',
        });
      }
      const { path, model, serial, volumeId, label, filesystem } = drive;
      const wanted: ExportJob = {
        id: randomBytes(8).toString('hex'),
        bundle,
        bundleName: job.name,
        state: options.approvals > 0 ? 'waiting-for-approval' : 'waiting',
        drive: { id, path, model, serial, volumeId, label, filesystem },
        requestedBy: who,
        requestedAt: at(),
        approvalsNeeded: options.approvals,
        approvals: [],
        ...{ resume, split, eject },
        ...{ startedAt: null, finishedAt: null, progress: null, reason: null, nextStep: null, missing: [] },
        receipt: null,
      };
      records.save(wanted);
      audit('export.requested', who, { export: wanted.id, bundle, drive: wanted.drive, approvals: options.approvals });
      startNext();
      return find(wanted.id);
    },
    approve(id, who) {
      const job = find(id);
      if (job.state !== 'waiting-for-approval') {
        throw new SextantError('SX_CONFLICT', `export ${id} waits for no approval: it is ${job.state}`);
      }
      try {
        demandSecondPerson({ requester: job.requestedBy, approver: who }, { approvers: options.approvers, tokens });
        for (const { user } of job.approvals) {
          demandSecondPerson({ requester: user, approver: who }, { approvers: options.approvers, tokens });
        }
      } catch (error) {
        audit('export.refused', who, { export: id, bundle: job.bundle, reason: (error as Error).message });
        throw error;
      }
      job.approvals.push({ user: who, at: at() });
      if (job.approvals.length >= job.approvalsNeeded) job.state = 'waiting';
      records.save(job);
      audit('export.approved', who, { export: id, bundle: job.bundle, requestedBy: job.requestedBy });
      startNext();
      return find(id);
    },
    cancel(id, who) {
      const job = find(id);
      if (running?.job.id === id) running.abort.abort(new Stopped('cancelled', who));
      else if (!hasEnded(job)) settle(job, 'cancelled', who, { reason: `cancelled by ${who}` });
      return find(id);
    },
    list: () => records.list(historyLength).map(({ id }) => find(id)),
    get: find,
    async close() {
      closing = true;
      if (!running) return;
      const { job, abort, ended } = running;
      const stopped = new Stopped('interrupted', 'collector');
      // Now, since a device that hangs may keep the process longer than state.db is open.
      settle(job, stopped.state, stopped.who, { reason: stopped.message, nextStep: stopped.nextStep });
      abort.abort(stopped);
      await ended;
    },
  };
}

/** Somebody or something wanted it to end. */
class Stopped extends Error {
  readonly state: 'cancelled' | 'interrupted';
  readonly who: string;
  readonly nextStep = 'what is on the medium is no bundle yet: export it again and go on with it, or remove the folder';
  constructor(state: Stopped['state'], who: string) {
    super(state === 'cancelled' ? `cancelled by ${who}` : 'the collector stopped while it was exporting');
    this.state = state;
    this.who = who;
  }
}
