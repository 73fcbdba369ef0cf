import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeEntry } from '../../../collector/journal/entry.ts';
import { journalFileName } from '../../../collector/journal/file-name.ts';
import { walkRequest } from '../../../collector/receive/walk.ts';
import { emptyOutline, joinOutlines } from '../../../collector/store/outline.ts';
import type { JournalFile, Store } from '../../../collector/store/store.ts';
import type { Signal } from '../../../protocol/headers.ts';

export interface NodeBatch {
  node: string;
  otlp: Buffer;
  receivedUnixMs: number;
}

/** Writes journal files as the journal would, with a stream and a sequence for each node. */
export function createFileWriter(folder: string, signal: Signal) {
  const sequences = new Map<string, bigint>();
  let number = BigInt(Date.now());
  return (batches: readonly NodeBatch[]): JournalFile => {
    let outline = emptyOutline;
    const pieces = batches.flatMap(({ node, otlp, receivedUnixMs }) => {
      const sequence = (sequences.get(node) ?? 0n) + 1n;
      sequences.set(node, sequence);
      outline = joinOutlines(outline, walkRequest(signal, otlp).outline);
      const receivedUnixNano = BigInt(receivedUnixMs) * 1_000_000n;
      return encodeEntry(otlp, { node, stream: signal, epoch: epochOf(node), sequence, receivedUnixNano });
    });
    const name = journalFileName(signal, ++number);
    const path = join(folder, name);
    writeFileSync(path, Buffer.concat(pieces));
    return { name, path, signal, outline };
  };
}

/** Stores batches in files of about so many bytes. Returns the bytes of OTLP. */
export async function storeBatches(
  store: Store,
  batches: Iterable<NodeBatch>,
  { folder, signal, fileBytes }: { folder: string; signal: Signal; fileBytes: number },
): Promise<number> {
  const write = createFileWriter(folder, signal);
  let waiting: NodeBatch[] = [];
  let bytes = 0;
  let all = 0;
  const flush = async (): Promise<void> => {
    const file = write(waiting);
    await store.insertJournalFile(file);
    rmSync(file.path);
    waiting = [];
    bytes = 0;
  };
  for (const batch of batches) {
    waiting.push(batch);
    bytes += batch.otlp.length;
    all += batch.otlp.length;
    if (bytes >= fileBytes) await flush();
  }
  if (waiting.length > 0) await flush();
  return all;
}

const epochOf = (node: string): string =>
  `3f0c6a1e-7b1f-4f7d-9a4e-${Buffer.from(node).toString('hex').padStart(12, '0').slice(-12)}`;
