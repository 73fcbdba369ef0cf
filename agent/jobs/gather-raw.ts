import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { formatBytes } from '../../bundle/report-format.ts';
import { freeBytes } from '../../durable/free-space.ts';
import type { BundleItem } from '../profile/bundle.ts';
import { type ExportEventLog, exportEventLog } from './export-event-log.ts';
import { findFiles, maxFilesPerItem, sizeOf } from './find-files.ts';
import { type AskedFile, type GatherContext, openToRead } from './gather-context.ts';
import { countBytes, pieces, withTroubles } from './gather-files.ts';
import { ItemTimeout } from './item-limit.ts';
import { failureState, type ItemOutcome } from './item-outcome.ts';

/** Of one item, where it says nothing else. */
export const defaultRawBytes = 2 ** 30;
/** Stays free on the node's disk, beside the volume and its ciphertext, which lie there together for a moment. */
export const rawReserveBytes = 2 ** 29;

/**
 * Gathers what cannot be redacted, byte for byte, into the writer of the raw volume: files, and channels of the Windows
 * event log. Whole or not at all: half a dump tells nothing. `folder` is where it lies in the volume.
 */
export async function gatherRaw(
  source: string,
  item: BundleItem,
  folder: string,
  context: GatherContext,
  exporting: ExportEventLog = exportEventLog,
): Promise<ItemOutcome> {
  const maxBytes = Math.min(item.maxBytes ?? defaultRawBytes, context.maxBytesOf('files'));
  const outcome: ItemOutcome = { state: 'ok', bytes: 0, masked: {} };
  if (!item.files && !item.eventLogs) return { ...outcome, state: 'failed', reason: 'raw is for files and eventLogs' };
  const troubles: { state: ItemOutcome['state']; reason: string }[] = [];
  let leftOutBytes = 0;
  let seen = 0;

  const take = async (path: string, entry: string): Promise<void> => {
    let file: AskedFile | undefined;
    seen += 1;
    try {
      file = await openToRead(path, context);
      const stat = await file.stat();
      if (!stat.isFile()) throw new Error(`${path} is not a regular file`);
      const free = await freeBytes(context.scratch);
      const left = maxBytes - outcome.bytes;
      if (stat.size > left || stat.size * 2 + rawReserveBytes > free) {
        const why = stat.size > left ? `the item may bring ${formatBytes(maxBytes)}` : 'this node’s disk has no room';
        troubles.push({ state: 'partial', reason: `${path}: ${formatBytes(stat.size)} left out: ${why}` });
        leftOutBytes += stat.size;
        return;
      }
      const content = countBytes(pieces(file, 0, stat.size, context), context);
      const written = await context.writer.add({ path: entry, modifiedMs: stat.mtimeMs }, content);
      outcome.bytes += written.bytes;
      context.onRecords(1, 'files');
      outcome.firstUnixMs = Math.min(outcome.firstUnixMs ?? Number.POSITIVE_INFINITY, stat.mtimeMs);
      outcome.lastUnixMs = Math.max(outcome.lastUnixMs ?? 0, stat.mtimeMs);
      const [first] = written.parts;
      context.onEntry({
        // The collector numbers the raw volumes of all nodes together.
        entry: [`raw volume:${first?.path ?? entry}`],
        ...{ source, from: path, bytes: written.bytes, modified: new Date(stat.mtimeMs).toISOString(), cut: null },
      });
    } catch (error) {
      if (error instanceof ItemTimeout) {
        throw new ItemTimeout(`${path}: ${error.message}; what had come of it is no whole file`, error.how);
      }
      if (context.signal.aborted) throw error;
      troubles.push(failureState(error));
    } finally {
      await file?.close();
    }
  };

  if (item.files) {
    const found = await findFiles(item, { ...context, maxBytes });
    troubles.push(...found.missed.map(failureState));
    if (found.more) troubles.push({ state: 'partial', reason: `more than ${maxFilesPerItem} files` });
    const size = sizeOf(found);
    // What channels of the event log take is not known before they are exported.
    if (size !== undefined && !item.eventLogs) {
      context.onExpected({ bytes: Math.min(size, maxBytes), basis: 'measured' });
    }
    for (const { path } of found.files) {
      await take(path, `${folder}/${path.replace(/^\//, '')}`);
    }
  }
  for (const channel of item.eventLogs ?? []) {
    const scratch = await mkdtemp(join(context.scratch, 'event-log-'));
    try {
      const room = Math.min(maxBytes - outcome.bytes, Math.max(0, (await freeBytes(scratch)) / 3 - rawReserveBytes));
      const { warning } = await exporting(channel, scratch, { ...context, maxBytes: room });
      if (warning !== undefined) troubles.push({ state: 'partial', reason: `${channel}: ${warning}` });
      for (const found of await readdir(scratch, { recursive: true, withFileTypes: true })) {
        if (!found.isFile()) continue;
        const path = join(found.parentPath, found.name);
        const inside = found.parentPath === scratch ? found.name : `${basename(found.parentPath)}/${found.name}`;
        await take(path, `${folder}/${inside}`);
      }
    } catch (error) {
      if (context.signal.aborted) throw error;
      const { state } = error as { state?: ItemOutcome['state'] };
      troubles.push(state ? { state, reason: `${channel}: ${(error as Error).message}` } : failureState(error));
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  }
  if (leftOutBytes > 0) outcome.leftOutBytes = leftOutBytes;
  return withTroubles(outcome, troubles, seen);
}
