import { safeSegment } from '../../bundle/entry-path.ts';
import { rawFolder, rawReason } from '../../bundle/raw-volume.ts';
import { defaultProfile } from '../../bundle/redaction/profile.ts';
import type { NameKind } from '../../bundle/redaction/pseudonyms.ts';
import { createRedactor } from '../../bundle/redaction/redactor.ts';
import type { SiteName } from '../../bundle/scanner/name-trie.ts';
import { createVolumeWriter, type Volume } from '../../bundle/volume-writer.ts';
import { SextantError } from '../../errors/sextant-error.ts';
import type { GatherProgress, GatherRequest } from '../../protocol/control.ts';
import type { FileQuestions } from '../filesystems/file-questions.ts';
import type { BundleItem } from '../profile/bundle.ts';
import type { Profile } from '../profile/profile.ts';
import { foreseeFiles, knownSize } from './expected-size.ts';
import { gatherCommand } from './gather-command.ts';
import type { GatherContext } from './gather-context.ts';
import { gatherFiles } from './gather-files.ts';
import { gatherJournal } from './gather-journal.ts';
import { gatherRaw } from './gather-raw.ts';
import { gatherRegistry } from './gather-registry.ts';
import { gatherStatus } from './gather-status.ts';
import { isRaw } from './item-class.ts';
import { ItemTimeout, limitItem, mostOfJob } from './item-limit.ts';
import { failureState, type GatheredEntry, type ItemOutcome } from './item-outcome.ts';
import { createItemProgress, type ItemProgress } from './item-progress.ts';
import type { KnownSizes } from './known-sizes.ts';
import { plannedItems } from './planned-items.ts';
import { openRawVolumes } from './raw-volumes.ts';

const defaultPatienceMs = 60_000;
/** Kept free before the deadline, so that what was gathered can still be uploaded. */
const uploadReserve = 0.25;
const maxReasonChars = 2000;

export interface GatherJobInput {
  request: GatherRequest;
  profile: Profile;
  node: string;
  /** How volumes are named; by the node's own name when absent. */
  base?: string;
  folder: string;
  /** Of the agent, whose own state is one of the items. */
  dataDir: string;
  /** Key of the site's marks and pseudonyms. */
  redactionKey: Uint8Array;
  /** Names that this machine knows of itself; those of the request are added. */
  names: readonly SiteName[];
  /** Told of each name that got a pseudonym. */
  onName?: (kind: NameKind, name: string) => void;
  /** Told what each command has printed. */
  sizes?: KnownSizes;
  /** Of this process. */
  questions: FileQuestions;
  nowMs: () => number;
  /** Cancels the job. */
  signal: AbortSignal;
  /** Every change of state and of what is expected, and at most once a second in between. */
  onProgress: (progress: GatherProgress) => void;
}

/**
 * Gathers every item of the request, one after the other, into volumes in `folder`. An item's failure is its outcome and
 * never stops the rest. Rejects only when the job was cancelled or the disk failed.
 */
export async function runGatherJob(input: GatherJobInput): Promise<Volume[]> {
  const { request, nowMs, signal } = input;
  const startedMs = nowMs();
  const gatherUntilMs = startedMs + request.deadlineMs * (1 - uploadReserve);
  const writer = createVolumeWriter({ folder: input.folder, base: input.base ?? safeSegment(input.node) });
  const redactor = createRedactor({
    key: input.redactionKey,
    profile: request.redaction ?? defaultProfile,
    names: [...(request.names ?? []), ...input.names],
    ...(input.onName && { onName: input.onName }),
  });
  const entries: GatheredEntry[] = [];
  const raw = openRawVolumes(request, input.folder, signal);
  const items = plannedItems(input.profile, request, raw !== undefined);
  const inRawVolume = new Map<ItemProgress, ItemOutcome>();
  const maxBytesOf: GatherContext['maxBytesOf'] = (kind) => request.sourceMaxBytes?.[kind] ?? Number.POSITIVE_INFINITY;
  const ended = new AbortController();
  let foreseeing: Promise<void> | undefined;
  const sayOf = (source: string, fields: Omit<GatherProgress, 'type' | 'bundleId' | 'source'>): void =>
    input.onProgress({ type: 'gather-progress', bundleId: request.bundleId, source, ...fields });

  const remember = (source: string, command: readonly string[], outcome: ItemOutcome): void => {
    // What was cut or broken off says little of how much there is.
    if (outcome.leftOutBytes || outcome.state === 'timeout' || outcome.state === 'rotated-away') return;
    input.sizes?.put(source, command, {
      state: outcome.state,
      bytes: outcome.bytes,
      packedShare: outcome.packedShare ?? 1,
      atUnixMs: nowMs(),
    });
  };

  try {
    for (const role of request.roles.filter((name) => !Object.hasOwn(input.profile.bundle, name))) {
      sayOf(role, {
        state: 'absent',
        bytes: 0,
        reason: `the profile ${input.profile.name} of this node has no such role`,
      });
    }
    const following = items.map((planned) => {
      const say = (told: Parameters<typeof sayOf>[1]): void => sayOf(planned.source, told);
      const expected = knownSize(planned, { sizes: input.sizes, maxBytesOf });
      return { ...planned, progress: createItemProgress({ say, nowMs, expected }) };
    });
    foreseeing = foreseeFiles(following, {
      ...{ fromUnixMs: request.fromUnixMs, maxBytesOf, questions: input.questions },
      signal: AbortSignal.any([signal, ended.signal]),
    });
    for (const [at, { source, item, progress }] of following.entries()) {
      signal.throwIfAborted();
      const leftMs = gatherUntilMs - nowMs();
      if (leftMs <= 0) {
        progress.end({ state: 'timeout', bytes: 0, reason: 'the job’s deadline came before its turn' });
        continue;
      }
      progress.begin();
      const patienceMs = item.timeout ?? defaultPatienceMs;
      const isLast = at === items.length - 1;
      const limit = limitItem({
        patienceMs,
        mostMs: mostOfJob({ maxDuration: item.maxDuration, patienceMs, leftMs, isLast }),
        byProgress: !isProgram(item),
      });
      const context: GatherContext = {
        scratch: input.folder,
        writer: raw && isRaw(item) ? raw.writer : writer,
        redactor,
        fromUnixMs: request.fromUnixMs,
        untilUnixMs: request.untilUnixMs,
        maxBytesOf,
        nowMs,
        questions: input.questions,
        signal: AbortSignal.any([signal, limit.signal]),
        onProgress: limit.progress,
        onBytes: progress.onBytes,
        onRecords: progress.onRecords,
        onExpected: progress.onExpected,
        onEntry: (entry) => entries.push(entry),
      };
      let failed = false;
      const gathering =
        raw && isRaw(item)
          ? gatherRaw(source, item, `${rawFolder}/${redactor.node(input.node)}/${source}`, context)
          : gatherItem(source, item, input.dataDir, context);
      const outcome = await gathering.catch((error): ItemOutcome => {
        signal.throwIfAborted();
        // No volume may leave with it, and nothing of this machine shall be kept of it.
        if (error instanceof SextantError && error.code === 'SX_REDACTION_LEAK') throw error;
        failed = true;
        const timedOut = limit.signal.aborted && !(error instanceof ItemTimeout);
        return { ...failureState(timedOut ? limit.signal.reason : error), bytes: progress.bytes, masked: {} };
      });
      limit.close();
      if (failed || outcome.state === 'timeout') {
        await writer.add({ path: `${source}.error.txt`, modifiedMs: nowMs() }, [
          Buffer.from(`${redactor.text(outcome.reason ?? '', {})}\n`),
        ]);
      }
      const ran = item.command ?? item.registry;
      if (ran) remember(source, ran, outcome);
      if (raw && isRaw(item)) {
        inRawVolume.set(progress, outcome);
        if (outcome.bytes > 0) outcome.reason = [rawReason, outcome.reason ?? []].flat().join('; ');
      }
      progress.end({
        state: outcome.state,
        bytes: outcome.bytes,
        ...(outcome.leftOutBytes !== undefined && { leftOutBytes: outcome.leftOutBytes }),
        ...(outcome.firstUnixMs !== undefined && { firstUnixMs: outcome.firstUnixMs }),
        ...(outcome.lastUnixMs !== undefined && { lastUnixMs: outcome.lastUnixMs }),
        ...(outcome.reason !== undefined && { reason: outcome.reason.slice(0, maxReasonChars) }),
        masked: outcome.masked,
      });
    }
    // The command lines of a profile may hold a secret as well.
    const index = { node: redactor.node(input.node), entries: redactor.document(entries, {}) };
    await writer.add({ path: 'index.json', modifiedMs: nowMs() }, [Buffer.from(`${JSON.stringify(index, null, 1)}\n`)]);
    const volumes = await writer.close();
    const sealed = await raw?.seal().catch((error): Volume[] => {
      signal.throwIfAborted();
      // The rest of the bundle goes without it.
      for (const [progress, { bytes }] of inRawVolume) {
        if (bytes > 0)
          progress.end({ state: 'failed', bytes: 0, reason: `the raw volume: ${(error as Error).message}` });
      }
      return [];
    });
    return [...volumes, ...(sealed ?? [])];
  } catch (error) {
    await writer.abandon();
    await raw?.abandon();
    throw error;
  } finally {
    ended.abort();
    await foreseeing;
  }
}

/** What it takes says little of how much comes: its time is bounded as a whole. */
const isProgram = ({ files, registry, journal, eventLogs }: BundleItem): boolean =>
  !files && !registry && !journal && !eventLogs;

async function gatherItem(
  source: string,
  item: BundleItem,
  dataDir: string,
  context: GatherContext,
): Promise<ItemOutcome> {
  if (item.files) return gatherFiles(source, item, context);
  if (item.registry) return gatherRegistry(source, { ...item, registry: item.registry }, context);
  if (item.journal) return gatherJournal(source, item, context);
  if (item.status) return gatherStatus(source, dataDir, context);
  if (item.command) {
    return gatherCommand(
      source,
      { command: item.command, path: `${source}.txt`, ...(item.maxBytes !== undefined && { maxBytes: item.maxBytes }) },
      context,
    );
  }
  return {
    state: 'failed',
    bytes: 0,
    reason: 'the profile says neither files, command, registry, journal nor status',
    masked: {},
  };
}
