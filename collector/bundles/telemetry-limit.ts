import type { CoverageSource } from '../../bundle/coverage.ts';
import { formatBytes } from '../../bundle/report-format.ts';
import type { Look } from './telemetry-look.ts';
import { newestMinutes } from './time-slices.ts';

/** What a limit keeps of stored records, and what it leaves out: the oldest. */
export interface Limited<Minute> {
  kept: Minute[];
  /** Undefined when everything is kept. */
  leftOut: { records: number; bytes: number; fromMs: number; untilMs: number; mark: string } | undefined;
}

/**
 * Fills a limit from the newest minute backward. How much a record takes is told from some of them, so that the limit is
 * kept as well as they stand for the rest.
 */
export async function withinLimit<Minute extends { minuteMs: number; count: number }>(
  minutes: readonly Minute[],
  limitBytes: number | undefined,
  what: string,
  look: () => Promise<Look>,
): Promise<Limited<Minute>> {
  const all = { kept: [...minutes], leftOut: undefined };
  const [oldest] = minutes;
  if (limitBytes === undefined || !oldest) return all;
  const { bytesPerRecord } = await look();
  const records = minutes.reduce((sum, minute) => sum + minute.count, 0);
  if (records * bytesPerRecord <= limitBytes) return all;
  const kept = newestMinutes(minutes, Math.floor(limitBytes / bytesPerRecord));
  const left = records - kept.reduce((sum, minute) => sum + minute.count, 0);
  const bytes = Math.round(left * bytesPerRecord);
  const untilMs = kept[0]?.minuteMs ?? minutes.at(-1)?.minuteMs ?? oldest.minuteMs;
  const time = (unixMs: number): string => new Date(unixMs).toISOString();
  const mark = `${left} ${what} from ${time(oldest.minuteMs)} on, until about ${time(untilMs)}, some ${formatBytes(bytes)}, left out by the size limit`;
  return { kept, leftOut: { records: left, bytes, fromMs: oldest.minuteMs, untilMs, mark } };
}

/** Says in coverage what was left out of a source; several parts of one source add up. */
export function noteLeftOut(source: CoverageSource, { leftOut }: Limited<unknown>): void {
  if (!leftOut) return;
  source.state = 'partial';
  source.leftOut = {
    bytes: (source.leftOut?.bytes ?? 0) + leftOut.bytes,
    records: (source.leftOut?.records ?? 0) + leftOut.records,
  };
  source.reason = `the size limit left out the oldest: ${source.leftOut.records} of them, some ${formatBytes(source.leftOut.bytes)}`;
}
