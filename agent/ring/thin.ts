import { open, rename, rm } from 'node:fs/promises';
import picomatch from 'picomatch';
import { syncName } from '../../durable/atomic-write.ts';
import { type FoundLog, keepRecords } from '../otlp/log-records.ts';
import { firstPointUnixNano } from '../otlp/metric-points.ts';
import { encodeFrameStart } from '../spool/frame.ts';
import { encodeSegmentLabel } from '../spool/segment.ts';
import { type SegmentReading, segmentFrames } from '../spool/segment-frames.ts';
import { writeAll } from '../spool/write-all.ts';

/** OpenTelemetry's severity number of a warning. */
const warning = 13;
const minuteNano = 60_000_000_000n;

/** What thinning leaves of log records: warnings and worse, and all of those that `patterns` name. */
export function wantedLogs(patterns: readonly string[]): (record: FoundLog) => boolean {
  if (patterns.length === 0) return ({ severityNumber }) => severityNumber >= warning;
  const named = picomatch([...patterns], { nocase: true, dot: true });
  return (record) => {
    if (record.severityNumber >= warning || named(record.scope)) return true;
    const { attributes } = record.read();
    return ['windows.eventlog.channel', 'log.file.path', 'systemd.unit'].some(
      (name) => attributes[name] !== undefined && named(attributes[name]),
    );
  };
}

/**
 * Writes what is left of a segment to `target`, whole or not at all: of logs what `wanted` takes, of metrics one batch of
 * each source a minute. Returns bytes (0: nothing was left, and there is no file) and what was left out.
 */
export async function thinSegment(
  path: string,
  target: string,
  wanted: (record: FoundLog) => boolean,
): Promise<{ bytes: number; droppedRecords: number }> {
  const partial = `${target}.partial`;
  const reading: SegmentReading = { label: undefined, damaged: 0 };
  const isMetrics = target.includes('-metrics-');
  const minutes = new Map<string, bigint>();
  let droppedRecords = 0;
  let keptRecords = 0;
  let bytes = 0;
  const file = await open(partial, 'w', 0o600);
  try {
    for await (const { header, notes, payload } of segmentFrames(path, reading)) {
      if (bytes === 0) {
        if (!reading.label) throw new Error('a segment without a label');
        const label = encodeSegmentLabel(reading.label);
        await writeAll(file, [label], 0);
        bytes = label.length;
      }
      let kept: { payload: Buffer; records: number } | undefined;
      if (isMetrics) {
        const source = Object.keys(notes?.sources ?? {})
          .sort()
          .join();
        const minute = (firstPointUnixNano(payload) ?? 0n) / minuteNano;
        if (minutes.get(source) !== minute) kept = { payload, records: header.records };
        minutes.set(source, minute);
      } else kept = keepRecords(payload, wanted);
      droppedRecords += header.records - (kept?.records ?? 0);
      if (!kept) continue;
      keptRecords += kept.records;
      const left = { ordinal: notes?.ordinal ?? 0, bookmarks: {}, sources: {} };
      const start = encodeFrameStart({ ...header, records: kept.records }, kept.payload, left);
      await writeAll(file, [start.header, start.notes, kept.payload], bytes);
      bytes += start.header.length + start.notes.length + kept.payload.length;
    }
    await file.datasync();
  } catch (error) {
    await file.close();
    await rm(partial, { force: true });
    throw error;
  }
  await file.close();
  if (keptRecords === 0) {
    await rm(partial, { force: true });
    return { bytes: 0, droppedRecords };
  }
  await rename(partial, target);
  syncName(target);
  return { bytes, droppedRecords };
}
