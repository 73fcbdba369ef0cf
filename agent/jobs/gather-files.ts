import { lineTime } from '../../bundle/line-time.ts';
import { formatBytes } from '../../bundle/report-format.ts';
import { sniffBytes, sniffEncoding } from '../../bundle/text-encoding.ts';
import type { BundleItem } from '../profile/bundle.ts';
import { findFiles, maxFilesPerItem, sizeOf } from './find-files.ts';
import { type AskedFile, cutMark, type GatherContext, openToRead } from './gather-context.ts';
import { untilGivenUp } from './given-up.ts';
import { ItemTimeout } from './item-limit.ts';
import { failureState, type ItemOutcome } from './item-outcome.ts';

const pieceBytes = 256 * 1024;
/** Of a file that is too long: how it began (its first lines tell versions), and the rest from its end. */
const headBytes = 64 * 1024;
const headShare = 1 / 8;

interface Reading {
  content: AsyncGenerator<Buffer>;
  encoding: ReturnType<typeof sniffEncoding>;
  firstMs: number | undefined;
  cut: string | null;
  leftOutBytes: number;
  /** What the content will be. */
  bytes: number;
}

/**
 * The file; when it is longer than `maxBytes`, its first lines, a mark, and its end from a whole line on. Without the
 * first lines when the end alone reaches back beyond the window, and in UTF-16.
 */
async function read(file: AskedFile, maxBytes: number, context: GatherContext): Promise<Reading> {
  const { size } = await file.stat();
  const buffer = Buffer.alloc(sniffBytes);
  const readAt = async (at: number, length: number): Promise<Buffer> => {
    const { bytesRead } = await file.read(buffer, 0, length, at);
    context.onProgress();
    return buffer.subarray(0, bytesRead);
  };
  /** Where the first whole line at or after this place begins. */
  const lineFrom = async (at: number): Promise<number> => at + ((await readAt(at, sniffBytes)).indexOf(10) + 1);
  const encoding = sniffEncoding(await readAt(0, sniffBytes));
  const timeAt = async (at: number): Promise<number | undefined> =>
    lineTime((await readAt(at, 512)).toString('latin1'), context.nowMs());
  if (size <= maxBytes || encoding === 'binary') {
    const content = pieces(file, 0, maxBytes, context);
    return { content, encoding, firstMs: await timeAt(0), cut: null, leftOutBytes: 0, bytes: Math.min(size, maxBytes) };
  }
  const start = size - maxBytes;
  if (encoding !== 'bytes') {
    // UTF-16 text is cut between two-byte units, elsewhere it would turn into noise.
    const from = start + (start % 2);
    const cut = `the first ${formatBytes(from)} of ${formatBytes(size)} left out`;
    const content = pieces(file, from, maxBytes, context);
    return { content, encoding, firstMs: await timeAt(from), cut, leftOutBytes: from, bytes: size - from };
  }
  let from = await lineFrom(start);
  const firstMs = await timeAt(from);
  let head = 0;
  if (!(firstMs !== undefined && firstMs <= context.fromUnixMs)) {
    const room = Math.min(headBytes, Math.floor(maxBytes * headShare));
    const nearFrom = Math.max(0, room - sniffBytes);
    const lastLineFeed = (await readAt(nearFrom, room - nearFrom)).lastIndexOf(10);
    head = lastLineFeed === -1 ? 0 : nearFrom + lastLineFeed + 1;
    from = await lineFrom(start + head);
  }
  const leftOutBytes = from - head;
  const cut =
    head === 0
      ? `the first ${formatBytes(from)} of ${formatBytes(size)} left out`
      : `${formatBytes(leftOutBytes)} of ${formatBytes(size)} left out here`;
  async function* content(): AsyncGenerator<Buffer> {
    if (head > 0) yield* pieces(file, 0, head, context);
    yield cutMark(cut);
    yield* pieces(file, from, maxBytes - head, context);
  }
  return { content: content(), encoding, firstMs, cut, leftOutBytes, bytes: size - leftOutBytes };
}

/** Bytes of a file from a place on, at most so many. */
export async function* pieces(
  file: AskedFile,
  from: number,
  maxBytes: number,
  context: GatherContext,
): AsyncGenerator<Buffer> {
  // A file that grows while it is read must not keep us.
  for (let done = 0; done < maxBytes; ) {
    const buffer = Buffer.allocUnsafe(Math.min(pieceBytes, maxBytes - done));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, from + done);
    if (bytesRead === 0) return;
    context.onProgress();
    done += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** Gathers the files of one item, each redacted on its way. One file's trouble is noted and the next is taken. */
export async function gatherFiles(source: string, item: BundleItem, context: GatherContext): Promise<ItemOutcome> {
  const found = await findFiles(item, { ...context, maxBytes: context.maxBytesOf('files') });
  const outcome: ItemOutcome = { state: 'ok', bytes: 0, masked: {} };
  const troubles = found.missed.map(failureState);
  let leftOutBytes = 0;
  if (found.more) troubles.push({ state: 'partial', reason: `more than ${maxFilesPerItem} files` });
  const size = sizeOf(found);
  if (size !== undefined) context.onExpected({ bytes: size, basis: 'measured' });

  for (const [at, { path, modifiedMs }] of found.files.entries()) {
    let file: AskedFile | undefined;
    /** Why the item ends with this file. */
    let end: string | undefined;
    try {
      file = await openToRead(path, context);
      if (!(await file.stat()).isFile()) throw new Error(`${path} is not a regular file`);
      const reading = await read(file, found.maxBytesPerFile, context);
      if (reading.encoding === 'binary') {
        context.onEntry({ entry: [], source, from: path, bytes: 0, modified: null, cut: 'left out: binary' });
        troubles.push({ state: 'partial', reason: `${path}: binary, cannot be redacted line by line, left out` });
        continue;
      }
      const { content, givenUp } = untilGivenUp(reading.content, {
        bytes: reading.bytes,
        marked: reading.encoding === 'bytes',
      });
      const counted = countBytes(context.redactor.stream(content, outcome.masked, reading.encoding), context);
      const written = await context.writer.add(
        { path: `${source}/${context.redactor.text(path, {}).replace(/^\//, '')}`, modifiedMs },
        counted,
      );
      outcome.bytes += written.bytes;
      context.onRecords(1, 'files');
      outcome.firstUnixMs = Math.min(outcome.firstUnixMs ?? Number.POSITIVE_INFINITY, reading.firstMs ?? modifiedMs);
      outcome.lastUnixMs = Math.max(outcome.lastUnixMs ?? 0, modifiedMs);
      // What was left out is older than the window: nothing that was asked for is missing.
      const harmless = reading.firstMs !== undefined && reading.firstMs <= context.fromUnixMs;
      if (reading.cut && !harmless) {
        troubles.push({ state: 'partial', reason: `${path}: ${reading.cut}` });
        leftOutBytes += reading.leftOutBytes;
      }
      const broken = givenUp();
      if (broken) {
        end = broken.cut;
        leftOutBytes += broken.leftOutBytes;
      }
      context.onEntry({
        entry: written.parts.map((part) => `${part.volume}:${part.path}`),
        source,
        from: path,
        bytes: written.bytes,
        modified: new Date(modifiedMs).toISOString(),
        cut: [reading.cut ?? [], broken?.cut ?? []].flat().join('; ') || null,
      });
    } catch (error) {
      if (error instanceof ItemTimeout) end = error.message;
      else if (context.signal.aborted) throw error;
      else troubles.push(failureState(error));
    } finally {
      await file?.close();
    }
    if (end !== undefined) {
      const rest = found.files.slice(at + 1);
      leftOutBytes += rest.reduce((sum, { bytes }) => sum + Math.min(bytes, found.maxBytesPerFile), 0);
      const more = rest.length > 0 ? `, and ${rest.length} more of its files` : '';
      return { ...outcome, state: 'timeout', reason: `${path}: ${end}${more}`, leftOutBytes };
    }
  }
  if (leftOutBytes > 0) outcome.leftOutBytes = leftOutBytes;
  return withTroubles(outcome, troubles, found.files.length);
}

/** The outcome of an item of which some files were trouble. */
export function withTroubles(
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
