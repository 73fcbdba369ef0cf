import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SextantError } from '../../errors/sextant-error.ts';
import type { Log } from '../../logging/log.ts';
import type {
  AgentMessage,
  CollectorMessage,
  EstimateDone,
  EstimateRequest,
  GatherProgress,
  GatherRequest,
  RedactedName,
} from '../../protocol/control.ts';
import type { FileQuestions } from '../filesystems/file-questions.ts';
import type { Profile } from '../profile/profile.ts';
import type { CollectorClient } from '../uplink/client.ts';
import { type KnownSizes, openKnownSizes } from './known-sizes.ts';
import type { UploadedVolume } from './upload.ts';

/** What the gatherer needs of the control stream. */
interface GatherLink {
  send(message: AgentMessage): boolean;
  onMessage(handler: (message: CollectorMessage) => void): () => void;
}

export interface GathererCapabilities {
  link: GatherLink;
  client: CollectorClient;
  /** The data folder; jobs lie in `agent/jobs` below it until they are uploaded. */
  dataDir: string;
  node: string;
  /** The one in effect when a job begins. */
  profile(): Profile;
  questions: FileQuestions;
  log: Log;
  nowMs: () => number;
}

/** Does what the collector asks of this node for a bundle. */
export interface Gatherer {
  /** Removes what a killed agent left and begins to listen. */
  start(): Promise<void>;
  /** Cancels what runs. */
  close(): Promise<void>;
}

type GatherDone = Extract<AgentMessage, { type: 'gather-done' }>;

interface Job {
  attempt: number;
  cancel: AbortController;
  progress: Map<string, GatherProgress>;
  done?: GatherDone;
  ended: Promise<void>;
}

/** A finished job is remembered this long, in case the collector did not hear of its end. */
const rememberedJobs = 16;
/** More at once would only slow each other; the collector's deadline decides about the rest. */
const maxRunningJobs = 4;
/** Of a job, to the collector: what one message of the control stream takes. */
const maxReportedNames = 2000;
const maxRunningEstimates = 2;
/** Of an estimate's deadline, so that the answer is there before it. */
const estimateReserve = 0.9;

export function createGatherer(capabilities: GathererCapabilities): Gatherer {
  const { link, client, log, nowMs } = capabilities;
  const folder = join(capabilities.dataDir, 'agent', 'jobs');
  const jobs = new Map<string, Job>();
  const stop = new AbortController();
  const estimates = new Set<Promise<void>>();
  let estimating = 0;
  let known: KnownSizes | undefined;
  const sizes = (): KnownSizes => {
    known ??= openKnownSizes(capabilities.dataDir);
    return known;
  };
  let stopListening: (() => void) | undefined;
  let closing = false;

  const finish = (bundleId: string, job: Job, done: Omit<GatherDone, 'type' | 'bundleId' | 'attempt'>): void => {
    job.done = { type: 'gather-done', bundleId, attempt: job.attempt, ...done };
    // Another attempt has taken its place.
    if (jobs.get(bundleId) !== job) return;
    link.send(job.done);
    for (const [id, old] of jobs) if (jobs.size > rememberedJobs && old.done && id !== bundleId) jobs.delete(id);
  };

  const run = async (request: GatherRequest, job: Job): Promise<void> => {
    const { bundleId } = request;
    const jobFolder = join(folder, bundleId);
    const deadline = AbortSignal.timeout(request.deadlineMs);
    const signal = AbortSignal.any([job.cancel.signal, deadline]);
    const names: RedactedName[] = [];
    try {
      // Loaded for the first bundle only: an agent at rest does without.
      const [{ runGatherJob }, { uploadVolume }, { ownNames }] = await Promise.all([
        import('./gather-job.ts'),
        import('./upload.ts'),
        import('./own-names.ts'),
      ]);
      await mkdir(jobFolder, { recursive: true, mode: 0o700 });
      const volumes = await runGatherJob({
        request,
        profile: capabilities.profile(),
        node: capabilities.node,
        folder: jobFolder,
        dataDir: capabilities.dataDir,
        redactionKey: request.redactionKey === undefined ? randomBytes(32) : Buffer.from(request.redactionKey, 'hex'),
        names: ownNames(),
        sizes: sizes(),
        questions: capabilities.questions,
        onName: (kind, name) => {
          if (names.length < maxReportedNames && name.length <= 255) names.push({ kind, name });
        },
        nowMs,
        signal,
        onProgress: (progress) => {
          job.progress.set(progress.source, progress);
          if (jobs.get(bundleId) === job) link.send(progress);
        },
      });
      sizes().save();
      const uploaded: UploadedVolume[] = [];
      for (const volume of volumes) uploaded.push(await uploadVolume(client, bundleId, volume, signal));
      finish(bundleId, job, { volumes: uploaded, names });
      log.info({ bundle: bundleId, volumes: uploaded.length }, 'gathered for a bundle');
    } catch (error) {
      // The collector asks again when this node is back.
      if (closing) return;
      const reason = job.cancel.signal.aborted
        ? 'cancelled'
        : deadline.aborted
          ? 'the deadline came'
          : (error as Error).message;
      const leak = error instanceof SextantError && error.code === 'SX_REDACTION_LEAK';
      finish(bundleId, job, { volumes: [], error: reason.slice(0, 2000), ...(leak && { leak }) });
      log.warn({ bundle: bundleId, reason }, 'gathering for a bundle ended early');
    } finally {
      await rm(jobFolder, { recursive: true, force: true });
    }
  };

  const onEstimate = async (request: EstimateRequest): Promise<void> => {
    const { estimateId } = request;
    const answer = (items: EstimateDone['items'], error?: string): void => {
      link.send({ type: 'estimate-done', estimateId, items, ...(error !== undefined && { error }) });
    };
    if (estimating >= maxRunningEstimates) return answer([], 'this node is busy with other estimates');
    estimating += 1;
    const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(request.deadlineMs * estimateReserve)]);
    try {
      const [{ runEstimateJob }, { ownNames }] = await Promise.all([
        import('./estimate-job.ts'),
        import('./own-names.ts'),
      ]);
      const within = { ...request, deadlineMs: request.deadlineMs * estimateReserve ** 2 };
      const profile = capabilities.profile();
      const { dataDir, questions } = capabilities;
      const input = { request: within, profile, dataDir, sizes: sizes(), names: ownNames(), questions, nowMs, signal };
      answer(await runEstimateJob(input));
    } catch (error) {
      answer([], (error as Error).message.slice(0, 2000));
    } finally {
      estimating -= 1;
    }
  };

  const onGather = (request: GatherRequest): void => {
    const { bundleId, attempt } = request;
    const known = jobs.get(bundleId);
    if (known && known.attempt >= attempt) {
      // The collector lost sight of us: it is told again what it may have missed.
      for (const progress of known.progress.values()) link.send(progress);
      if (known.done) link.send(known.done);
      return;
    }
    const running = [...jobs.values()].filter((job) => !job.done && job !== known).length;
    const job: Job = { attempt, cancel: new AbortController(), progress: new Map(), ended: Promise.resolve() };
    if (running >= maxRunningJobs || !/^[a-z0-9]{1,64}$/.test(bundleId)) {
      const error = 'this node is busy with other bundles';
      link.send({ type: 'gather-done', bundleId, attempt, volumes: [], error });
      return;
    }
    jobs.set(bundleId, job);
    // What was delivered to an earlier attempt went with it; both would use one folder.
    known?.cancel.abort(new Error('begun anew'));
    job.ended = (known?.ended ?? Promise.resolve())
      .then(() => run(request, job))
      .catch((error) => log.error({ err: error }, 'cannot gather'));
  };

  return {
    start: async () => {
      await rm(folder, { recursive: true, force: true });
      stopListening = link.onMessage((message) => {
        if (message.type === 'gather') onGather(message);
        else if (message.type === 'estimate') {
          const ended: Promise<void> = onEstimate(message).finally(() => estimates.delete(ended));
          estimates.add(ended);
        } else if (message.type === 'gather-cancel') jobs.get(message.bundleId)?.cancel.abort(new Error('cancelled'));
      });
    },
    close: async () => {
      closing = true;
      stopListening?.();
      stop.abort(new Error('the agent stops'));
      for (const job of jobs.values()) job.cancel.abort(new Error('the agent stops'));
      await Promise.all([...[...jobs.values()].map((job) => job.ended), ...estimates]);
    },
  };
}
