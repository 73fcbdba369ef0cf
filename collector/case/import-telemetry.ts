import { setTimeout as pause } from 'node:timers/promises';
import { createLineCutter, type LineCutter } from '../../bundle/ndjson-lines.ts';
import type { BundleEntry } from '../../bundle/sound-bundle.ts';
import { SextantError } from '../../errors/sextant-error.ts';
import type { Signal } from '../../protocol/headers.ts';
import type { Journal } from '../journal/journal.ts';
import { walkRequest } from '../receive/walk.ts';
import { type BundleLogLine, type BundleSampleLine, readLogLine, readSampleLine } from './bundle-lines.ts';
import { createRecordNames, logsRequest, metricsRequest } from './otlp-from-lines.ts';

export interface TelemetryImport {
  /** Takes a file of a bundle, or its next part. */
  take(entry: BundleEntry, signal: Extract<Signal, 'logs' | 'metrics'>): Promise<void>;
  /** Ends the last file. */
  finish(): Promise<void>;
  /** `duplicates`: of all, what an earlier try or another bundle had brought. */
  readonly counts: { records: number; samples: number; duplicates: number; unread: number };
}

interface TelemetryImportOptions {
  journal: Pick<Journal, 'append'>;
  /** Distinguishes this bundle, and what of it is sound, from all others. */
  epoch: string;
  /** Name in the case for a node of the bundle. */
  nodeOf(node: string): string;
  /** Samples of a node that other bundles of the case have not brought; asked where their windows overlap. */
  unknown?: ((node: string, samples: readonly BundleSampleLine[]) => Promise<readonly BundleSampleLine[]>) | undefined;
  signal?: AbortSignal | undefined;
  onBatch?: (lines: number) => void;
}

const linesPerBatch = 2000;
const charsPerBatch = 2 * 2 ** 20;
/** Folders whose records are told from equal ones of an earlier file; a bundle may hold any number. */
const maxFolders = 2000;
const fullPauseMs = 200;
/** Storage that has taken nothing for so long will not. */
const patienceMs = 120_000;

/**
 * Puts a bundle's lines into the journal as numbered batches. Batches are cut at the same lines each time, and each file is
 * a stream of its own: what an earlier try has stored is passed over, and nothing is stored twice.
 */
export function importTelemetry(options: TelemetryImportOptions): TelemetryImport {
  const { journal, epoch, nodeOf, signal: aborted } = options;
  const counts = { records: 0, samples: 0, duplicates: 0, unread: 0 };
  let file: OpenFile | undefined;
  /** By folder: equal records of one moment may lie in two files of a channel, with those of others between them. */
  const names = new Map<string, (line: BundleLogLine) => string>();

  interface OpenFile {
    base: string;
    path: string;
    signal: 'logs' | 'metrics';
    lines: LineCutter;
    waiting: string[];
    waitingChars: number;
    sequence: bigint;
    nameOf: (line: BundleLogLine) => string;
  }

  async function append(target: OpenFile, node: string, bytes: Buffer): Promise<'stored' | 'duplicate'> {
    const { signal, base, path, sequence } = target;
    // Several nodes in one file would share a number; the node is part of a stream's identity.
    const numbering = { stream: `${base}/${path}`, epoch, sequence };
    const { records, outline } = walkRequest(signal, bytes);
    const sinceMs = Date.now();
    for (;;) {
      aborted?.throwIfAborted();
      try {
        return await journal.append({ signal, node: nodeOf(node), numbering, bytes, records, outline });
      } catch (error) {
        if (!(error instanceof SextantError) || error.code !== 'SX_BACKLOG_FULL') throw error;
        if (Date.now() - sinceMs > patienceMs)
          throw new SextantError('SX_STORAGE_AWAY', error.message, { cause: error });
        await pause(fullPauseMs);
      }
    }
  }

  async function store<Line extends { node: string }>(
    target: OpenFile,
    lines: readonly Line[],
    toRequest: (lines: readonly Line[]) => Buffer,
  ): Promise<void> {
    for (const [node, own] of Map.groupBy(lines, (line) => line.node)) {
      if ((await append(target, node, toRequest(own))) === 'duplicate') counts.duplicates += own.length;
    }
  }

  async function flush(target: OpenFile): Promise<void> {
    const lines = target.waiting.splice(0);
    target.waitingChars = 0;
    if (lines.length === 0) return;
    target.sequence += 1n;
    const read = <T>(parse: (line: string) => T | undefined): T[] => {
      const sound = lines.flatMap((line) => parse(line) ?? []);
      counts.unread += lines.length - sound.length;
      return sound;
    };
    if (target.signal === 'logs') {
      const records = read(readLogLine);
      counts.records += records.length;
      await store(target, records, (own) => logsRequest(own, target.nameOf));
    } else {
      const samples = read(readSampleLine);
      counts.samples += samples.length;
      for (const [node, own] of Map.groupBy(samples, (sample) => sample.node)) {
        const fresh = options.unknown ? await options.unknown(nodeOf(node), own) : own;
        counts.duplicates += own.length - fresh.length;
        if (fresh.length > 0) await store(target, fresh, metricsRequest);
      }
    }
    options.onBatch?.(lines.length);
  }

  function namesIn(folder: string): (line: BundleLogLine) => string {
    const nameOf = names.get(folder) ?? createRecordNames();
    names.delete(folder);
    names.set(folder, nameOf);
    const [oldest] = names.keys();
    if (names.size > maxFolders && oldest !== undefined) names.delete(oldest);
    return nameOf;
  }

  function begin({ base, path }: BundleEntry, signal: 'logs' | 'metrics'): OpenFile {
    const waiting: string[] = [];
    const opened: OpenFile = {
      base,
      path,
      signal,
      waiting,
      waitingChars: 0,
      sequence: 0n,
      nameOf: namesIn(`${base}/${path.slice(0, path.lastIndexOf('/'))}`),
      lines: createLineCutter(
        (bytes) => {
          const line = bytes.toString('utf8');
          waiting.push(line);
          opened.waitingChars += line.length;
        },
        () => counts.unread++,
      ),
    };
    return opened;
  }

  async function finish(): Promise<void> {
    if (!file) return;
    file.lines.end();
    // A piece may have brought more than one batch.
    await flushFull(file);
    await flush(file);
    file = undefined;
  }

  /** Cuts at exact counts, wherever the pieces of the file ended. */
  async function flushFull(target: OpenFile): Promise<void> {
    for (;;) {
      const cut = cutAt(target.waiting);
      if (cut === undefined) return;
      const rest = target.waiting.splice(cut);
      await flush(target);
      target.waiting.push(...rest);
      target.waitingChars = rest.reduce((sum, line) => sum + line.length, 0);
    }
  }

  return {
    counts,
    finish,
    async take(entry, signal) {
      if (!entry.continues || file?.base !== entry.base || file.path !== entry.path) {
        await finish();
        file = begin(entry, signal);
      }
      const target = file;
      for await (const piece of await entry.content()) {
        aborted?.throwIfAborted();
        target.lines.push(piece);
        if (target.waiting.length >= linesPerBatch || target.waitingChars >= charsPerBatch) await flushFull(target);
      }
    },
  };
}

/** Where a full batch ends; undefined when there is none yet. Depends on the lines alone. */
function cutAt(lines: readonly string[]): number | undefined {
  let chars = 0;
  for (let at = 0; at < lines.length; at++) {
    chars += lines[at]?.length ?? 0;
    if (at + 1 === linesPerBatch || chars >= charsPerBatch) return at + 1;
  }
  return undefined;
}
