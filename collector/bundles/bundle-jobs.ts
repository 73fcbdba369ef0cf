import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pinnedRecipients } from '../../bundle/age/recipients.ts';
import { checkClasses } from '../../bundle/asked-classes.ts';
import { bundleBytes } from '../../bundle/bundle-bytes.ts';
import { checkWindow } from '../../bundle/check-window.ts';
import { parseCoverage } from '../../bundle/coverage.ts';
import { namedWhenFull } from '../../bundle/full-disk.ts';
import { loadSigningKey } from '../../bundle/minisign-key.ts';
import { checkRaw } from '../../bundle/raw-volume.ts';
import { loadRedactionKey } from '../../bundle/redaction/key.ts';
import { removeLeftovers } from '../../bundle/staging.ts';
import { SextantError } from '../../errors/sextant-error.ts';
import type { Log } from '../../logging/log.ts';
import type { BundleEstimate, BundleJob, RevealedPseudonym } from '../api/shapes/bundles.ts';
import type { PeerRegistry } from '../nodes/peer-registry.ts';
import type { State } from '../state/state.ts';
import { askedNodes } from './asked-nodes.ts';
import {
  type BundleRecord,
  type BundleRecords,
  bundleJob,
  createBundleRecords,
  endedItems,
  hasBundle,
  isFinished,
} from './bundle-record.ts';
import { createBundleRetention } from './bundle-retention.ts';
import { createBundleEstimates } from './estimate/bundle-estimates.ts';
import type { IncomingVolumes } from './incoming-volumes.ts';
import { type BundleRequest, orderedBundle } from './ordered-bundle.ts';
import { type RunCapabilities, type RunningBundle, type RunOptions, runBundle } from './run-bundle.ts';
import { createSitePseudonyms } from './site-pseudonyms.ts';

/** Bundle jobs of this collector: what runs, what waits, and what was. */
export interface BundleJobs {
  /** Takes up what a collector that stopped had left: a sealed bundle as it is, everything else from the beginning. */
  start(): Promise<void>;
  /** Breaks off what runs; the next start takes it up. */
  close(): Promise<void>;
  /** Returns when the job is durable; it runs or waits from then on. Throws SX_BAD_REQUEST, SX_NOT_FOUND (a node). */
  create(request: BundleRequest): Promise<BundleJob>;
  /** What that bundle would hold; nothing is gathered. Throws SX_BAD_REQUEST, SX_NOT_FOUND (a node), SX_UNAVAILABLE. */
  estimate(request: Omit<BundleRequest, 'requestedBy' | 'origin'>): Promise<BundleEstimate>;
  /** Newest first, at most 200; with `start` those whose ids begin so. */
  list(start?: string): BundleJob[];
  /** Throws SX_NOT_FOUND. */
  get(id: string): BundleJob;
  /** Ends within two seconds; a finished job stays as it is. */
  cancel(id: string): BundleJob;
  /** Where a node's volumes for a running job go. Throws SX_NOT_FOUND when there is no such job for this node. */
  volumes(id: string, node: string): IncomingVolumes;
  /** What was ordered from there after that time, newest first, whatever became of it. */
  orderedSince: BundleRecords['orderedSince'];
  /** Folder of a finished bundle, which retention leaves alone until `release()`. Throws SX_NOT_FOUND. */
  hold(id: string): { folder: string; release(): void };
  /** Removes a finished bundle from disk; the history keeps it. Throws SX_NOT_FOUND, SX_CONFLICT (not finished, in use). */
  remove(id: string, who: string): Promise<BundleJob>;
  /** What a pseudonym of this site stands for, written down with who asked. Throws SX_NOT_FOUND. */
  reveal(pseudonym: string, who: string): RevealedPseudonym;
}

export interface BundleJobsCapabilities
  extends Omit<RunCapabilities, 'key' | 'redactionKey' | 'recipients' | 'pseudonyms'> {
  /** `collector/keys`: signing key and fingerprint key, made at first start. */
  keysFolder: string;
  /** Who sends syslog. */
  peers: Pick<PeerRegistry, 'list'>;
  state: State;
  log: Log;
}

export interface BundleJobsOptions extends Partial<RunOptions> {
  /** More at once would only slow each other; the rest wait their turn. */
  maxRunning?: number;
}

const historyLength = 200;
const maxWaiting = 50;
/** What was in use is looked at again. */
const retentionEveryMs = 60_000;
const stopped = 'the collector stopped while this bundle was made';
/** A bundle that ends the collector must not do so for ever. */
const maxAttempts = 3;
/** Later nobody waits for it any more, and what it asks for has been rotated away. */
const resumeWithinMs = 24 * 3_600_000;
/** After a start the nodes come back one by one. */
const reachAgainWithinMs = 60_000;

export function createBundleJobs(capabilities: BundleJobsCapabilities, options: BundleJobsOptions = {}): BundleJobs {
  const { folder, log, nowMs, audit } = capabilities;
  const records = createBundleRecords(capabilities.state);
  const key = loadSigningKey(capabilities.keysFolder);
  const redactionKey = loadRedactionKey(capabilities.keysFolder);
  const recipients = pinnedRecipients(capabilities.settings['collector.bundles.recipients']);
  const pseudonyms = createSitePseudonyms(capabilities.state, redactionKey, nowMs);
  const runOptions: RunOptions = { reachWithinMs: options.reachWithinMs ?? 5000, settleMs: options.settleMs ?? 2500 };
  const maxRunning = options.maxRunning ?? 2;
  const live = new Map<string, BundleRecord>();
  const running = new Map<string, { run: RunningBundle; ended: Promise<void> }>();
  const waiting: string[] = [];
  const retention = createBundleRetention(
    { folder, records, audit: audit.record, log, nowMs },
    {
      keep: capabilities.settings['collector.bundles.keep'],
      maxBytes: capabilities.settings['collector.bundles.maxBytes'],
    },
  );
  let retentionTimer: NodeJS.Timeout | undefined;
  const estimates = createBundleEstimates({ ...capabilities, redactionKey });
  let closing = false;

  /** On a full disk a job stays in memory as it is, and the next start goes by what was saved before. */
  const saveIfPossible = (record: BundleRecord): boolean => {
    try {
      records.save(record);
      return true;
    } catch (error) {
      log.error({ bundle: record.id, err: error }, 'cannot write down how far a bundle is');
      return false;
    }
  };
  const settle = (record: BundleRecord, change: Partial<BundleRecord>): void => {
    Object.assign(record, change, { finishedUnixMs: nowMs() });
    if (saveIfPossible(record)) live.delete(record.id);
  };
  const startNext = (): void => {
    while (!closing && running.size < maxRunning) {
      const id = waiting.shift();
      const record = id === undefined ? undefined : live.get(id);
      if (!record) return;
      record.attempts++;
      saveIfPossible(record);
      const run = runBundle(
        record,
        { ...capabilities, key, redactionKey, recipients, pseudonyms },
        record.attempts === 1
          ? runOptions
          : { ...runOptions, reachWithinMs: Math.max(runOptions.reachWithinMs, reachAgainWithinMs) },
        (state) => {
          record.state = state;
          saveIfPossible(record);
        },
      );
      running.set(record.id, { run, ended: follow(record, run) });
    }
  };
  const follow = async (record: BundleRecord, run: RunningBundle): Promise<void> => {
    try {
      const { state, bytes, items } = await run.finished;
      settle(record, { state, bytes, items });
      log.info({ bundle: record.id, state, bytes }, 'bundle finished');
      void retention.apply();
    } catch (thrown) {
      const error = namedWhenFull(thrown, `the disk of ${folder} is full: nothing of this bundle was kept`);
      const cancelled = error instanceof Cancelled;
      await rm(join(folder, `${record.name}.partial`), { recursive: true, force: true }).catch(() => undefined);
      // What the stop broke off stays as it is in state.db, for the next start.
      if (closing && !cancelled) return;
      const state = cancelled ? 'cancelled' : 'failed';
      settle(record, { state, error: (error as Error).message, items: endedItems(run.live.items(), state) });
      if (!cancelled) log.error({ bundle: record.id, err: error }, 'bundle failed');
    } finally {
      running.delete(record.id);
      startNext();
    }
  };
  const find = (id: string): BundleRecord => {
    const record = live.get(id) ?? records.get(id);
    if (!record)
      throw new SextantError('SX_NOT_FOUND', `there is no bundle ${id}`, {
        nextStep: '`sextant bundle list` shows what there is',
      });
    const active = running.get(id);
    return active && !isFinished(record.state) ? { ...record, items: active.run.live.items() } : record;
  };
  const show = (record: BundleRecord): BundleJob =>
    bundleJob(record, { folder, nowMs: nowMs(), unbegunBytes: running.get(record.id)?.run.live.unbegunBytes() });

  return {
    start: async () => {
      for (const record of records.unfinished()) {
        const coverage = await readFile(join(folder, record.name, 'coverage.json'), 'utf8')
          .then(parseCoverage)
          .catch(() => undefined);
        if (coverage)
          settle(record, { state: coverage.bundle.state, bytes: await bundleBytes(join(folder, record.name)) });
        else if (record.attempts >= maxAttempts || nowMs() - record.createdUnixMs > resumeWithinMs) {
          settle(record, { state: 'failed', error: stopped });
        } else {
          Object.assign(record, { state: 'waiting', items: [] });
          records.save(record);
          live.set(record.id, record);
          waiting.push(record.id);
          log.info({ bundle: record.id, attempts: record.attempts }, 'takes up a bundle that was broken off');
        }
      }
      const removed = await removeLeftovers(folder);
      if (removed.length > 0) log.warn({ removed }, 'removed what an interrupted bundle had left');
      startNext();
      void retention.apply();
      retentionTimer = setInterval(() => void retention.apply(), retentionEveryMs);
    },
    close: async () => {
      closing = true;
      estimates.close();
      clearInterval(retentionTimer);
      waiting.length = 0;
      for (const { run } of running.values()) run.cancel(new Error(stopped));
      await Promise.all([...running.values()].map(({ ended }) => ended));
      await retention.close();
    },
    create: async (request) => {
      checkWindow(request, nowMs());
      checkRaw({ raw: request.raw ?? false, redaction: request.redaction }, recipients.length);
      checkClasses({ ...request, classes: request.classes ?? [] });
      if (waiting.length >= maxWaiting)
        throw new SextantError('SX_UNAVAILABLE', 'too many bundles wait already', {
          nextStep: 'wait until one is made, or cancel one: sextant bundle cancel ID',
        });
      const asked = await askedNodes(capabilities, request);
      const record = orderedBundle(request, { asked, settings: capabilities.settings, createdUnixMs: nowMs() });
      records.save(record);
      const who = record.origin === 'request' ? record.requestedBy : `${record.origin} ${record.requestedBy}`;
      audit.record('bundle.requested', who, {
        bundle: record.id,
        nodes: record.nodes,
        roles: record.roles,
        ...(record.classes.length > 0 && { classes: record.classes }),
        redaction: record.redaction,
        ...(record.raw && { raw: true }),
        ...(record.parquet && { parquet: true }),
      });
      live.set(record.id, record);
      waiting.push(record.id);
      startNext();
      return show(record);
    },
    estimate: async (request) => {
      checkWindow(request, nowMs());
      checkRaw({ raw: request.raw ?? false, redaction: request.redaction }, recipients.length);
      checkClasses({ ...request, classes: request.classes ?? [] });
      return estimates.of(request);
    },
    list: (start) => records.list(historyLength, start).map((record) => show(find(record.id))),
    get: (id) => show(find(id)),
    cancel: (id) => {
      const record = live.get(id);
      const at = waiting.indexOf(id);
      if (record && at !== -1) {
        waiting.splice(at, 1);
        settle(record, { state: 'cancelled', error: 'cancelled' });
      } else running.get(id)?.run.cancel(new Cancelled('cancelled'));
      return show(find(id));
    },
    volumes: (id, node) => {
      const found = running.get(id)?.run.volumesOf(node);
      if (!found) throw new SextantError('SX_NOT_FOUND', `no bundle ${id} is being gathered from this node`);
      return found;
    },
    orderedSince: records.orderedSince,
    hold: (id) => {
      const record = find(id);
      if (!hasBundle(record)) {
        const state = record.removedUnixMs === null ? record.state : 'gone: it was removed from the collector’s disk';
        const nextStep = isFinished(record.state) ? 'create another one' : `wait for it: sextant bundle status ${id}`;
        throw new SextantError('SX_NOT_FOUND', `bundle ${id} is ${state}`, { nextStep });
      }
      return { folder: join(folder, record.name), ...retention.hold(id) };
    },
    remove: async (id, who) => {
      const record = find(id);
      if (!isFinished(record.state)) {
        const nextStep = `end it first: sextant bundle cancel ${id}`;
        throw new SextantError('SX_CONFLICT', `bundle ${id} is being made`, { nextStep });
      }
      if (!hasBundle(record))
        throw new SextantError('SX_NOT_FOUND', `nothing of bundle ${id} is on disk`, {
          nextStep: 'there is nothing to remove',
        });
      await retention.remove(record, who);
      return show(find(id));
    },
    reveal: (pseudonym, who) => {
      const revealed = pseudonyms.reveal(pseudonym);
      audit.record('redaction.revealed', who, { pseudonym: pseudonym.slice(0, 300), known: revealed !== undefined });
      if (!revealed) {
        throw new SextantError('SX_NOT_FOUND', `${pseudonym.slice(0, 300)} is no pseudonym that this site has made`, {
          nextStep: 'give it as it stands in the bundle, for example host-k3v9x2m4 or 10.266.300.412',
        });
      }
      return revealed;
    },
  };
}

/** Somebody wanted it to end; not a failure. */
class Cancelled extends Error {}
