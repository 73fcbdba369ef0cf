import { entryOverheadBytes, packedShare } from '../../bundle/packed-share.ts';
import { rawReason } from '../../bundle/raw-volume.ts';
import { formatBytes } from '../../bundle/report-format.ts';
import { freeBytes } from '../../durable/free-space.ts';
import type { EstimatedItem } from '../../protocol/control.ts';
import type { BundleItem } from '../profile/bundle.ts';
import type { EstimateContext } from './estimate-context.ts';
import { type AskEventLog, askEventLog, estimateEventLog } from './estimate-event-log.ts';
import { findFiles, maxFilesPerItem } from './find-files.ts';
import { openToRead } from './gather-context.ts';
import { defaultRawBytes, rawReserveBytes } from './gather-raw.ts';
import { failureState } from './item-outcome.ts';

type Estimate = Omit<EstimatedItem, 'source' | 'kind'>;

const sampledFiles = 12;
const pieceBytes = 64 * 1024;
/** Of an .evtx, whose texts are UTF-16 and much alike; nothing of it can be looked at without exporting it. */
const eventLogPackedShare = 0.2;

/**
 * What an item of the raw volume would bring: whole files, newest first, as far as its limit and this node's disk have room,
 * and channels of the Windows event log by their numbers of events. Takes nothing; a channel that does not say how large it
 * is makes the item `failed`, since nobody knows then.
 */
export async function estimateRaw(
  item: BundleItem,
  context: EstimateContext,
  { ask = askEventLog, hasEventLog = process.platform === 'win32' }: { ask?: AskEventLog; hasEventLog?: boolean } = {},
): Promise<Estimate> {
  const files = item.files ? await lookAtFiles(item, context) : nothing;
  const channels = item.eventLogs ? await lookAtChannels(item.eventLogs, context, { ask, hasEventLog }) : nothing;
  const bytes = files.bytes + channels.bytes;
  const troubles = [...files.troubles, ...channels.troubles];
  const unknown = troubles.find(({ state }) => state === 'failed' || state === 'timeout');
  const worst = unknown ?? troubles.find(({ state }) => state !== 'absent') ?? troubles[0];
  const state =
    worst === undefined
      ? bytes > 0
        ? 'ok'
        : 'absent'
      : bytes > 0 && worst.state !== 'absent'
        ? 'partial'
        : worst.state;
  const told = [...(bytes > 0 ? [rawReason] : []), ...channels.notes, ...troubles.map(({ reason }) => reason)];
  return {
    state: bytes > 0 && state === 'absent' ? 'ok' : state,
    bytes,
    packedBytes: Math.round(files.packedBytes + channels.packedBytes),
    basis: channels.bytes > 0 || files.sampled ? 'sampled' : unknown ? 'guess' : 'measured',
    ...(told.length > 0 && { reason: told.join('; ') }),
  };
}

interface Looked {
  bytes: number;
  packedBytes: number;
  sampled: boolean;
  notes: string[];
  troubles: { state: EstimatedItem['state']; reason: string }[];
}

const nothing: Looked = { bytes: 0, packedBytes: 0, sampled: false, notes: [], troubles: [] };

const troubleOf = (error: unknown): Looked['troubles'][number] => {
  const { state, reason } = failureState(error);
  return { state: state === 'rotated-away' ? 'absent' : state, reason };
};

async function lookAtFiles(item: BundleItem, context: EstimateContext): Promise<Looked> {
  const maxBytes = Math.min(item.maxBytes ?? defaultRawBytes, context.maxBytesOf('files'));
  const found = await findFiles(item, { ...context, maxBytes });
  const free = await freeBytes(context.scratch);
  const looked: Looked = { ...nothing, troubles: found.missed.map(troubleOf) };
  if (found.more) looked.troubles.push({ state: 'partial', reason: `more than ${maxFilesPerItem} files` });
  const pieces: Buffer[] = [];
  let taken = 0;
  let seenBytes = 0;
  let leftOut = 0;
  let leftOutBytes = 0;
  for (const { path } of found.files) {
    context.signal.throwIfAborted();
    try {
      const file = await openToRead(path, context);
      try {
        const stat = await file.stat();
        if (!stat.isFile()) throw new Error(`${path} is not a regular file`);
        // The gather has its plaintext and its ciphertext on the disk together; what came before lies there already.
        if (stat.size > maxBytes - looked.bytes || stat.size * 2 + looked.bytes + rawReserveBytes > free) {
          leftOut += 1;
          leftOutBytes += stat.size;
          continue;
        }
        looked.bytes += stat.size;
        taken += 1;
        if (taken > sampledFiles) continue;
        const last = Math.max(0, stat.size - pieceBytes);
        for (const at of new Set([0, Math.floor(last / 2), last])) {
          const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(pieceBytes), 0, pieceBytes, at);
          pieces.push(buffer.subarray(0, bytesRead));
          seenBytes += bytesRead;
        }
      } finally {
        await file.close();
      }
    } catch (error) {
      context.signal.throwIfAborted();
      looked.troubles.push(troubleOf(error));
    }
  }
  if (leftOut > 0) {
    const why = `${leftOut} ${leftOut === 1 ? 'file' : 'files'} (${formatBytes(leftOutBytes)}) would be left out`;
    looked.troubles.push({
      state: 'partial',
      reason: `${why}: no room within ${formatBytes(maxBytes)} or on this disk`,
    });
  }
  looked.packedBytes = looked.bytes * packedShare(pieces) + taken * entryOverheadBytes;
  looked.sampled = seenBytes < looked.bytes;
  return looked;
}

async function lookAtChannels(
  channels: readonly string[],
  context: EstimateContext,
  { ask, hasEventLog }: { ask: AskEventLog; hasEventLog: boolean },
): Promise<Looked> {
  if (!hasEventLog) {
    return { ...nothing, troubles: [{ state: 'absent', reason: 'this machine has no Windows event log' }] };
  }
  const looked: Looked = { ...nothing, notes: [], troubles: [] };
  for (const channel of channels) {
    try {
      const size = await estimateEventLog(channel, context, ask);
      looked.bytes += size.bytes;
      looked.packedBytes += size.bytes * eventLogPackedShare + entryOverheadBytes;
      looked.notes.push(`${channel}: ${size.records} events, ${formatBytes(size.bytes)}`);
    } catch (error) {
      context.signal.throwIfAborted();
      const reason = `${channel}: not known before it is gathered: ${(error as Error).message}`;
      looked.troubles.push({ state: 'failed', reason });
    }
  }
  if (looked.bytes > 0) looked.notes.push('the texts of events come on top: their size is not known');
  return looked;
}
