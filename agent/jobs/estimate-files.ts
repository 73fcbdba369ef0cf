import { entryOverheadBytes, packedShare } from '../../bundle/packed-share.ts';
import { sniffBytes, sniffEncoding } from '../../bundle/text-encoding.ts';
import type { EstimatedItem } from '../../protocol/control.ts';
import type { BundleItem } from '../profile/bundle.ts';
import type { EstimateContext } from './estimate-context.ts';
import { type FoundFile, findFiles } from './find-files.ts';
import { openToRead } from './gather-context.ts';
import { failureState } from './item-outcome.ts';

/** Of so many files of an item, the largest and some of the others, pieces are read. */
const sampledFiles = 12;
const pieceBytes = 64 * 1024;
/** Files of /proc have no size: they are read, up to here. */
const unsizedBytes = 1024 * 1024;

interface Looked {
  bytes: number;
  /** Pieces from its beginning, its middle and its end. */
  pieces: Buffer[];
}

/** What the files of an item would bring: sizes as the file system has them, and how well they pack by pieces of some. */
export async function estimateFiles(
  item: BundleItem,
  context: EstimateContext,
): Promise<Omit<EstimatedItem, 'source' | 'kind'>> {
  const found = await findFiles(item, { ...context, maxBytes: context.maxBytesOf('files') });
  const failures = found.missed.map(failureState);
  const samples = new Set(worthSampling(found.files));
  let entries = 0;
  let originalBytes = 0;
  const original: Buffer[] = [];
  const redacted: Buffer[] = [];
  for (const file of found.files) {
    context.signal.throwIfAborted();
    try {
      const looked = await look(file, samples.has(file), found.maxBytesPerFile, context);
      if (!looked) continue;
      entries += 1;
      originalBytes += looked.bytes;
      for (const piece of looked.pieces) {
        original.push(piece);
        redacted.push(await context.redact(piece));
      }
    } catch (error) {
      context.signal.throwIfAborted();
      failures.push(failureState(error));
    }
  }
  const size = (pieces: Buffer[]): number => pieces.reduce((sum, piece) => sum + piece.length, 0);
  // Marks and pseudonyms are seldom as long as what they stand for.
  const growth = original.length > 0 && size(original) > 0 ? size(redacted) / size(original) : 1;
  const bytes = Math.round(originalBytes * growth);
  const denied =
    failures.find(({ state }) => state === 'denied') ?? failures.find(({ state }) => state !== 'absent') ?? failures[0];
  const reason = found.more ? 'there are more files than one item may have' : denied?.reason;
  return {
    state: entries > 0 ? (denied && denied.state !== 'absent' ? 'partial' : 'ok') : stateOf(denied?.state),
    bytes,
    packedBytes: Math.round(bytes * packedShare(redacted)) + entries * entryOverheadBytes,
    basis: bytes === 0 || size(original) >= originalBytes ? 'measured' : 'sampled',
    ...(reason !== undefined && { reason }),
  };
}

const stateOf = (state: string | undefined): EstimatedItem['state'] =>
  state === 'denied' || state === 'failed' || state === 'timeout' ? state : 'absent';

/** The largest, and others evenly from the rest. */
function worthSampling(files: readonly FoundFile[]): FoundFile[] {
  const bySize = [...files].sort((a, b) => b.bytes - a.bytes);
  const largest = bySize.slice(0, sampledFiles / 2);
  const rest = bySize.slice(sampledFiles / 2);
  const step = Math.max(1, Math.ceil(rest.length / (sampledFiles / 2)));
  return [...largest, ...rest.filter((_, at) => at % step === 0)];
}

/** Undefined for what would be left out. Every file is opened: who may not read it now may not then. */
async function look(
  { path }: FoundFile,
  sampled: boolean,
  maxBytes: number,
  context: EstimateContext,
): Promise<Looked | undefined> {
  const file = await openToRead(path, context);
  try {
    const stat = await file.stat();
    if (!stat.isFile()) return undefined;
    const read = async (at: number, length: number): Promise<Buffer> => {
      const buffer = Buffer.allocUnsafe(length);
      const { bytesRead } = await file.read(buffer, 0, length, at);
      return buffer.subarray(0, bytesRead);
    };
    const encoding = sniffEncoding(await read(0, sniffBytes));
    if (encoding === 'binary') return undefined;
    if (stat.size === 0) {
      const content = await readAll(read, Math.min(unsizedBytes, maxBytes));
      return { bytes: content.length, pieces: [content] };
    }
    const taken = Math.min(stat.size, maxBytes);
    // UTF-16 becomes UTF-8.
    const bytes = encoding === 'bytes' ? taken : taken / 2;
    if (!sampled) return { bytes, pieces: [] };
    const from = stat.size - taken;
    if (taken <= pieceBytes * 3) return { bytes, pieces: [inUtf8(await read(from, taken), encoding)] };
    const middle = from + Math.floor((taken - pieceBytes) / 4) * 2;
    const pieces: Buffer[] = [];
    for (const at of [from - (from % 2), middle - (middle % 2), stat.size - pieceBytes]) {
      pieces.push(inUtf8(await read(at, pieceBytes), encoding));
    }
    return { bytes, pieces };
  } finally {
    await file.close();
  }
}

async function readAll(read: (at: number, length: number) => Promise<Buffer>, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (let at = 0; at < maxBytes; ) {
    const chunk = await read(at, Math.min(pieceBytes, maxBytes - at));
    if (chunk.length === 0) break;
    chunks.push(chunk);
    at += chunk.length;
  }
  return Buffer.concat(chunks);
}

const inUtf8 = (bytes: Buffer, encoding: 'bytes' | 'utf-16le' | 'utf-16be'): Buffer =>
  encoding === 'bytes' ? bytes : Buffer.from(new TextDecoder(encoding).decode(bytes));
