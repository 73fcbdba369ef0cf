import { safeSegment } from '../entry-path.ts';
import { createLineCutter, type LineCutter } from '../ndjson-lines.ts';
import { type BundleEntry, type ReadBundleOptions, readSoundBundle } from '../sound-bundle.ts';
import type { VerifiedVolume } from '../verify.ts';
import type { Analysis } from './analysis.ts';
import type { BundleAlert } from './checks.ts';
import { parseRecord, parseSample, sampleName } from './evidence.ts';
import { parseJournalLine } from './journal-line.ts';

const maxDocumentBytes = 64 * 2 ** 20;
const telemetryBase = 'telemetry';

/**
 * Gives everything in these volumes to the analysis: what the collector had stored, then the nodes' own journals where the
 * collector had nothing of them (else each record would count twice), and the paths of all files.
 * Memory for one line, and for what the analysis keeps.
 */
export async function analyzeVolumes(
  volumes: readonly VerifiedVolume[],
  analysis: Analysis,
  options: Omit<ReadBundleOptions, 'only'>,
): Promise<void> {
  const nodesWithLogs = new Set<string>();
  let current: { base: string; path: string; lines: LineCutter } | undefined;
  const finish = (): void => {
    current?.lines.end();
    current = undefined;
  };

  const readLines = async (entry: BundleEntry, onLine: (line: string) => void): Promise<void> => {
    if (!entry.continues || current?.base !== entry.base || current.path !== entry.path) {
      finish();
      current = { base: entry.base, path: entry.path, lines: createLineCutter(onLine, analysis.unread) };
    }
    for await (const piece of await entry.content()) {
      options.signal?.throwIfAborted();
      current.lines.push(piece);
    }
  };
  const record = (line: string): void => {
    const read = parseRecord(line);
    if (read) {
      nodesWithLogs.add(safeSegment(read.node));
      analysis.record(read);
    } else analysis.unread();
  };
  const sample = (line: string): void => {
    const name = sampleName(line);
    if (name !== undefined && !analysis.wantsMetric(name)) return;
    const read = parseSample(line);
    if (read) analysis.sample(read);
    else analysis.unread();
  };
  const document = async (entry: BundleEntry): Promise<unknown> => {
    if (entry.bytes > maxDocumentBytes) return analysis.unread();
    const pieces: Buffer[] = [];
    for await (const piece of await entry.content()) pieces.push(piece);
    try {
      return JSON.parse(Buffer.concat(pieces).toString('utf8'));
    } catch {
      return analysis.unread();
    }
  };

  const visit = async (entry: BundleEntry): Promise<void> => {
    const { base, path } = entry;
    if (base !== telemetryBase && !entry.continues) analysis.file(base, path, entry.modifiedMs);
    if (path.startsWith('metrics/') && path.endsWith('.ndjson')) return readLines(entry, sample);
    if (path.startsWith('logs/') && path.endsWith('.ndjson') && (base === telemetryBase || !nodesWithLogs.has(base))) {
      return readLines(entry, record);
    }
    if (base === telemetryBase && path === 'alerts.json') analysis.alerts(alertsOf(await document(entry)));
    else if (base === telemetryBase && path.startsWith('inventory/')) {
      const value = await document(entry);
      const node = path.slice('inventory/'.length).replace(/\.json$/, '');
      if (isObject(value) && isObject(value.facts)) analysis.inventory(node, value.facts);
    } else if (base !== telemetryBase && /(?:^|\/)journal\.ndjson$/.test(path) && !nodesWithLogs.has(base)) {
      await readLines(entry, (line) => {
        const read = parseJournalLine(line, base);
        if (read) analysis.record(read);
        else analysis.unread();
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
