import { createLineCutter, type LineCutter } from '../ndjson-lines.ts';
import { isRawPath } from '../raw-volume.ts';
import { type BundleEntry, type ReadBundleOptions, readSoundBundle } from '../sound-bundle.ts';
import type { VerifiedVolume } from '../verify.ts';
import { nodeOfBase, telemetryBase } from '../volume-name.ts';
import type { BundleAlert } from './checks.ts';
import { type EvidenceRecord, type EvidenceSample, parseRecord, parseSample, sampleName } from './evidence.ts';
import { parseJournalLine } from './journal-line.ts';

const maxDocumentBytes = 64 * 2 ** 20;

/** Takes what a bundle holds, piece by piece. */
export interface EvidenceSink {
  /** Counts a record whose line shows that there is nothing in it, and returns true; false when it must be read. */
  passOver?(line: Buffer): boolean;
  record(record: EvidenceRecord): void;
  /** Whether samples of this metric are of use. */
  wantsMetric(name: string): boolean;
  sample(sample: EvidenceSample): void;
  /** A file of a node: base of its volume, path inside. */
  file(node: string, path: string, modifiedMs: number): void;
  alerts(alerts: readonly BundleAlert[]): void;
  inventory(node: string, facts: Record<string, unknown>): void;
  /** The collector's settings. */
  configuration?(settings: Record<string, unknown>): void;
  /** A line or document that could not be read. */
  unread(): void;
}

/**
 * Gives everything in these volumes to a sink: what the collector had stored, then the nodes' own journals where the
 * collector had nothing of them (else each record would count twice), and the paths of all files.
 * Memory for one line, and for what the sink keeps.
 */
export async function readEvidence(
  volumes: readonly VerifiedVolume[],
  sink: EvidenceSink,
  options: Omit<ReadBundleOptions, 'only'>,
): Promise<void> {
  /** Nodes, as paths name them, of which the collector had records. */
  const streamed = new Set<string>();
  let current: { base: string; path: string; lines: LineCutter } | undefined;
  const finish = (): void => {
    current?.lines.end();
    current = undefined;
  };

  const readLines = async (entry: BundleEntry, onLine: (line: Buffer) => void): Promise<void> => {
    if (!entry.continues || current?.base !== entry.base || current.path !== entry.path) {
      finish();
      current = { base: entry.base, path: entry.path, lines: createLineCutter(onLine, sink.unread) };
    }
    for await (const piece of await entry.content()) {
      options.signal?.throwIfAborted();
      current.lines.push(piece);
    }
  };
  const record = (line: Buffer): void => {
    if (sink.passOver?.(line)) return;
    const read = parseRecord(line.toString('utf8'));
    if (read) sink.record(read);
    else sink.unread();
  };
  const sample = (bytes: Buffer): void => {
    const line = bytes.toString('utf8');
    const name = sampleName(line);
    if (name !== undefined && !sink.wantsMetric(name)) return;
    const read = parseSample(line);
    if (read) sink.sample(read);
    else sink.unread();
  };
  const document = async (entry: BundleEntry): Promise<unknown> => {
    if (entry.bytes > maxDocumentBytes) return sink.unread();
    const pieces: Buffer[] = [];
    for await (const piece of await entry.content()) pieces.push(piece);
    try {
      return JSON.parse(Buffer.concat(pieces).toString('utf8'));
    } catch {
      return sink.unread();
    }
  };

  const visit = async (entry: BundleEntry): Promise<void> => {
    const { path } = entry;
    const collectors = entry.base === telemetryBase;
    const of = nodeOfBase(entry.base);
    if (isRawPath(path)) return;
    if (!collectors && !entry.continues) sink.file(of, path, entry.modifiedMs);
    if (path.startsWith('metrics/') && path.endsWith('.ndjson')) return readLines(entry, sample);
    if (path.startsWith('logs/') && path.endsWith('.ndjson')) {
      if (collectors) streamed.add(path.split('/')[1] ?? '');
      if (collectors || !streamed.has(of)) await readLines(entry, record);
      return;
    }
    if (collectors && path === 'configuration.json' && sink.configuration) {
      const value = await document(entry);
      if (isObject(value)) sink.configuration(value);
    } else if (collectors && path === 'alerts.json') sink.alerts(alertsOf(await document(entry)));
    else if (path.startsWith('inventory/') && path.endsWith('.json')) {
      const value = await document(entry);
      const node = path.slice('inventory/'.length).replace(/\.json$/, '');
      if (isObject(value) && isObject(value.facts)) sink.inventory(node, value.facts);
    } else if (!collectors && /(?:^|\/)journal\.ndjson$/.test(path) && !streamed.has(of)) {
      await readLines(entry, (line) => {
        const read = parseJournalLine(line.toString('utf8'), of);
        if (read) sink.record(read);
        else sink.unread();
      });
    }
  };

  const ordered = [...volumes].sort((a, b) => Number(b.base === telemetryBase) - Number(a.base === telemetryBase));
  await readSoundBundle({ volumes: ordered }, options, visit);
  finish();
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

const alertFields = ['rule', 'state', 'node', 'subject', 'since', 'summary'] as const;

/** Alerts that are whole; a bundle may hold anything. */
function alertsOf(value: unknown): BundleAlert[] {
  if (!Array.isArray(value)) return [];
  return value.filter(
    (one): one is BundleAlert => isObject(one) && alertFields.every((name) => typeof one[name] === 'string'),
  );
}
