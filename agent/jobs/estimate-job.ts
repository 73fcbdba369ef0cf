import { randomBytes } from 'node:crypto';
import { entryOverheadBytes, packedShare } from '../../bundle/packed-share.ts';
import { defaultProfile } from '../../bundle/redaction/profile.ts';
import { createRedactor } from '../../bundle/redaction/redactor.ts';
import type { SiteName } from '../../bundle/scanner/name-trie.ts';
import type { EstimatedItem, EstimateRequest } from '../../protocol/control.ts';
import type { FileQuestions } from '../filesystems/file-questions.ts';
import type { BundleItem } from '../profile/bundle.ts';
import type { Profile } from '../profile/profile.ts';
import { estimateCommand, estimateRegistry } from './estimate-command.ts';
import type { EstimateContext } from './estimate-context.ts';
import { estimateFiles } from './estimate-files.ts';
import { estimateRaw } from './estimate-raw.ts';
import { usualStatusBytes } from './gather-status.ts';
import { classOf, isRaw } from './item-class.ts';
import { failureState } from './item-outcome.ts';
import { sampleJournal } from './journal-sample.ts';
import type { KnownSizes } from './known-sizes.ts';
import { plannedItems } from './planned-items.ts';
import { readJournal } from './read-journal.ts';

export interface EstimateJobInput {
  request: EstimateRequest;
  profile: Profile;
  /** Of the agent: volumes would lie there. */
  dataDir: string;
  sizes: KnownSizes;
  names: readonly SiteName[];
  /** Of this process. */
  questions: FileQuestions;
  nowMs: () => number;
  signal: AbortSignal;
}

/** Of the deadline; the rest is for what is only looked at. */
const tryShare = 0.5;
const itemMs = 10_000;
const maxReasonChars = 300;
/** What one message of the control stream takes, with room for roles that are not there. */
const maxItems = 1900;

type Estimate = Omit<EstimatedItem, 'source' | 'kind'>;

/**
 * What a gather with this request would bring, item by item in its order. Reads pieces of files and of the journal, takes
 * sizes of commands from when they last ran. Rejects when the signal aborts.
 */
export async function runEstimateJob(input: EstimateJobInput): Promise<EstimatedItem[]> {
  const { request, nowMs, signal } = input;
  const redaction = request.redaction ?? defaultProfile;
  // Marks and pseudonyms have the same length under every key.
  const redactor = createRedactor({ key: randomBytes(32), profile: redaction, names: input.names });
  const redact = async (piece: Buffer): Promise<Buffer> => {
    const parts: Buffer[] = [];
    try {
      for await (const part of redactor.stream([piece], {})) parts.push(part);
    } catch {
      // What the second scan refuses is refused by the bundle too; here it only counts.
      return piece;
    }
    return Buffer.concat(parts);
  };
  const untilMs = nowMs() + request.deadlineMs;
  const tryUntilMs = nowMs() + request.deadlineMs * tryShare;
  const estimates: EstimatedItem[] = [];
  for (const { source, item } of plannedItems(input.profile, request, request.raw).slice(0, maxItems)) {
    signal.throwIfAborted();
    const kind = classOf(item);
    const leftMs = Math.ceil(Math.min(itemMs, untilMs - nowMs()));
    if (leftMs <= 0) {
      const none = { state: 'timeout', bytes: 0, packedBytes: 0, basis: 'guess' } as const;
      estimates.push({ source, kind, ...none, reason: 'there was no time left to look at it' });
      continue;
    }
    const limit = AbortSignal.timeout(leftMs);
    const context: EstimateContext = {
      fromUnixMs: request.fromUnixMs,
      untilUnixMs: request.untilUnixMs,
      maxBytesOf: (kind) => request.sourceMaxBytes?.[kind] ?? Number.POSITIVE_INFINITY,
      nowMs,
      questions: input.questions,
      signal: AbortSignal.any([signal, limit]),
      sizes: input.sizes,
      scratch: input.dataDir,
      redact,
      tryUntilMs,
    };
    const estimate = await estimateItem(source, item, context).catch((error): Estimate => {
      signal.throwIfAborted();
      const { state, reason } = failureState(limit.aborted ? limit.reason : error);
      return { state: state === 'rotated-away' ? 'failed' : state, bytes: 0, packedBytes: 0, basis: 'guess', reason };
    });
    const { reason, ...rest } = estimate;
    estimates.push({
      ...{ source, kind, ...rest },
      ...(reason !== undefined && { reason: redactor.text(reason, {}).slice(0, maxReasonChars) }),
    });
  }
  const { name, bundle } = input.profile;
  for (const role of request.roles.filter((asked) => !Object.hasOwn(bundle, asked))) {
    const none = { kind: 'files', state: 'absent', bytes: 0, packedBytes: 0, basis: 'measured' } as const;
    estimates.push({ source: role, ...none, reason: `the profile ${name} of this node has no such role` });
  }
  input.sizes.save();
  return estimates;
}

async function estimateItem(source: string, item: BundleItem, context: EstimateContext): Promise<Estimate> {
  if (isRaw(item)) return estimateRaw(item, context);
  if (item.files) return estimateFiles(item, context);
  if (item.registry) return estimateRegistry(source, item.registry, context);
  if (item.journal) return estimateJournal(item, context);
  if (item.status) return { state: 'ok', bytes: usualStatusBytes, packedBytes: usualStatusBytes / 4, basis: 'guess' };
  if (item.command) return estimateCommand(source, { ...item, command: item.command }, context);
  return { state: 'failed', bytes: 0, packedBytes: 0, basis: 'measured', reason: 'the profile says nothing to take' };
}

async function estimateJournal(item: BundleItem, context: EstimateContext): Promise<Estimate> {
  const most = Math.min(item.maxBytes ?? Number.POSITIVE_INFINITY, context.maxBytesOf('journal'));
  const sample = await sampleJournal(readJournal(context.signal), context);
  const redacted: Buffer[] = [];
  for (const piece of sample.pieces) redacted.push(await context.redact(piece));
  const bytes = Math.min(sample.bytes, most);
  return {
    state: bytes === 0 ? 'absent' : 'ok',
    bytes,
    packedBytes: Math.round(bytes * packedShare(redacted)) + entryOverheadBytes,
    basis: sample.exact ? 'measured' : 'sampled',
  };
}
