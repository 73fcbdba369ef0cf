import { constants } from 'node:fs';
import { type FileHandle, glob, lstat } from 'node:fs/promises';
import { lineTime } from '../../bundle/line-time.ts';
import { formatBytes } from '../../bundle/report-format.ts';
import { sniffBytes, sniffEncoding } from '../../bundle/text-encoding.ts';
import { openTrusted } from '../open-trusted.ts';
import type { BundleItem } from '../profile/bundle.ts';
import { cutMark, type GatherContext, orAborted } from './gather-context.ts';
import { failureState, type ItemOutcome } from './item-outcome.ts';

const maxFilesPerItem = 2000;
const defaultMaxBytes = 64 * 2 ** 20;
const pieceBytes = 256 * 1024;
/** A file's last write may lie a little before the window by a clock that is off. */
const marginMs = 60_000;

const isGlob = (pattern: string): boolean => /[*?[\]{}]/.test(pattern);

interface FoundFile {
  path: string;
  modifiedMs: number;
  bytes: number;
}

/**
 * Files of an item: named ones always, those that a glob finds when they changed since the window began. A glob takes
 * no links; a named file may be one (`/etc/os-release` is).
 */
async function findFiles(
  patterns: readonly string[],
  context: GatherContext,
): Promise<{ files: FoundFile[]; missed: unknown[]; more: boolean }> {
  const paths = new Map<string, boolean>();
  for (const pattern of patterns) {
    if (!isGlob(pattern)) paths.set(pattern, true);
    else for await (const path of glob(pattern)) if (!paths.has(path)) paths.set(path, false);
  }
  const files: FoundFile[] = [];
  const missed: unknown[] = [];
  for (const [path, named] of paths) {
    context.signal.throwIfAborted();
    try {
      const stat = await orAborted(lstat(path), context.signal);
      if (!named && (!stat.isFile() || stat.mtimeMs < context.fromUnixMs - marginMs)) continue;
      files.push({ path, modifiedMs: stat.mtimeMs, bytes: stat.size });
    } catch (error) {
      context.signal.throwIfAborted();
      if (named) missed.push(error);
    }
  }
  files.sort((a, b) => b.modifiedMs - a.modifiedMs);
  return { files: files.slice(0, maxFilesPerItem), missed, more: files.length > maxFilesPerItem };
}

interface Reading {
  content: AsyncGenerator<Buffer>;
  encoding: ReturnType<typeof sniffEncoding>;
  firstMs: number | undefined;
  cut: string | null;
}

/** The file, or its end when it is longer than `maxBytes`, from a whole line on and with a mark in front. */
async function read(file: FileHandle, maxBytes: number, context: GatherContext): Promise<Reading> {
  const { size } = await file.stat();
  const start = Math.max(0, size - maxBytes);
  const head = Buffer.alloc(sniffBytes);
  const sniffed = await orAborted(file.read(head, 0, head.length, 0), context.signal);
  const encoding = sniffEncoding(head.subarray(0, sniffed.bytesRead));
  // UTF-16 text is cut between two-byte units, elsewhere it would turn into noise.
  const from = encoding.startsWith('utf-16') ? start - (start % 2) : start;
  let skip = 0;
  if (from > 0) {
    const around = await orAborted(file.read(head, 0, head.length, from), context.signal);
    const newline = head.subarray(0, around.bytesRead).indexOf(10);
    if (encoding === 'bytes' && newline !== -1) skip = newline + 1;
  }
  const begin = await orAborted(file.read(head, 0, 512, from + skip), context.signal);
  const firstMs = lineTime(head.subarray(0, begin.bytesRead).toString('latin1'), context.nowMs());
  const cut = from > 0 ? `the first ${formatBytes(from + skip)} of ${formatBytes(size)}` : null;
  return { content: pieces(file, from + skip, maxBytes, cut, encoding, context), encoding, firstMs, cut };
}

async function* pieces(
  file: FileHandle,
  from: number,
  maxBytes: number,
  cut: string | null,
  encoding: string,
  context: GatherContext,
): AsyncGenerator<Buffer> {
  if (cut && encoding === 'bytes') yield cutMark(`${cut} left out`);
  // A file that grows while it is read must not keep us.
  for (let done = 0; done < maxBytes; ) {
    const buffer = Buffer.allocUnsafe(Math.min(pieceBytes, maxBytes - done));
    const { bytesRead } = await orAborted(file.read(buffer, 0, buffer.length, from + done), context.signal);
    if (bytesRead === 0) return;
    done += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** Gathers the files of one item, each redacted on its way. One file's trouble is noted and the next is taken. */
export async function gatherFiles(source: string, item: BundleItem, context: GatherContext): Promise<ItemOutcome> {
  const found = await findFiles(item.files ?? [], context);
  const outcome: ItemOutcome = { state: 'ok', bytes: 0, masked: {} };
  const troubles = found.missed.map(failureState);
  let budget = (item.maxBytes ?? defaultMaxBytes) * (item.maxBytes ? 1 : 4);
  const perFile = item.maxBytes ?? defaultMaxBytes;
  if (found.more) troubles.push({ state: 'partial', reason: `more than ${maxFilesPerItem} files` });

  for (const { path, modifiedMs } of found.files) {
    let file: FileHandle | undefined;
    try {
      if (budget <= 0) {
        troubles.push({ state: 'partial', reason: `${path}: the item's size limit was reached` });
        continue;
      }
      file = await orAborted(openTrusted(path, constants.O_RDONLY | constants.O_NONBLOCK), context.signal);
      if (!(await file.stat()).isFile()) throw new Error(`${path} is not a regular file`);
      const reading = await read(file, Math.min(perFile, budget), context);
      if (reading.encoding === 'binary') {
        context.onEntry({ entry: [], source, from: path, bytes: 0, modified: null, cut: 'left out: binary' });
        troubles.push({ state: 'partial', reason: `${path}: binary, cannot be redacted line by line, left out` });
        continue;
      }
      const counted = countBytes(context.redactor.stream(reading.content, outcome.masked, reading.encoding), context);
      const written = await context.writer.add(
        { path: `${source}/${context.redactor.text(path, {}).replace(/^\//, '')}`, modifiedMs },
        counted,
      );
      budget -= written.bytes;
      outcome.bytes += written.bytes;
      outcome.firstUnixMs = Math.min(outcome.firstUnixMs ?? Number.POSITIVE_INFINITY, reading.firstMs ?? modifiedMs);
      outcome.lastUnixMs = Math.max(outcome.lastUnixMs ?? 0, modifiedMs);
      // What was left out is older than the window: nothing that was asked for is missing.
      const harmless = reading.firstMs !== undefined && reading.firstMs <= context.fromUnixMs;
      if (reading.cut && !harmless) troubles.push({ state: 'partial', reason: `${path}: ${reading.cut} left out` });
      context.onEntry({
        entry: written.parts.map((part) => `${part.volume}:${part.path}`),
        source,
        from: path,
        bytes: written.bytes,
        modified: new Date(modifiedMs).toISOString(),
        cut: reading.cut,
      });
    } catch (error) {
      if (context.signal.aborted) throw Object.assign(error as Error, { outcome });
      troubles.push(failureState(error));
    } finally {
      await file?.close().catch(() => undefined);
    }
  }
  return withTroubles(outcome, troubles, found.files.length);
}

function withTroubles(
  outcome: ItemOutcome,
  troubles: { state: ItemOutcome['state']; reason: string }[],
  files: number,
): ItemOutcome {
  const gaps = troubles.filter((trouble) => trouble.state !== 'absent');
  const [first] = gaps;
  if (!first) {
    if (outcome.bytes > 0 || files > 0) return outcome;
    return { ...outcome, state: 'absent', reason: troubles[0]?.reason ?? 'no file changed within the window' };
  }
  const state = outcome.bytes > 0 || gaps.some((gap) => gap.state !== first.state) ? 'partial' : first.state;
  const more = gaps.length > 3 ? `; and ${gaps.length - 3} more` : '';
  return {
    ...outcome,
    state,
    reason:
      gaps
        .slice(0, 3)
        .map((gap) => gap.reason)
        .join('; ') + more,
  };
}

export async function* countBytes(content: AsyncIterable<Buffer>, context: GatherContext): AsyncGenerator<Buffer> {
  for await (const chunk of content) {
    context.onBytes(chunk.length);
    yield chunk;
  }
}
