import type { Logger } from '@opentelemetry/api-logs';
import { SeverityNumber } from '@opentelemetry/api-logs';
import type { Drop } from '../spool/room.ts';

/** A storm of drops must not become a flood of reports. */
const gatherMs = 10_000;

export interface DropReport {
  add(drop: Drop): void;
  /** Reports what has gathered. */
  close(): void;
}

/** Tells of what the spool dropped as log records, one for each stream and reason within ten seconds. */
export function createDropReport(logger: () => Logger): DropReport {
  const gathered = new Map<string, Drop>();
  let timer: NodeJS.Timeout | undefined;

  function report(): void {
    clearTimeout(timer);
    timer = undefined;
    const drops = [...gathered.values()];
    gathered.clear();
    for (const { stream, priority, batches, records, sources, reason } of drops) {
      const named = Object.entries(sources).map(([source, count]) => `${count} of ${source}`);
      const what = `the spool dropped ${records || 'an unknown number of'} records of ${stream} (${reason})`;
      const bySource = Object.entries(sources).map(([source, count]) => [`sextant.dropped.${source}`, count] as const);
      logger().emit({
        eventName: 'sextant.agent.spool.drop',
        severityNumber: SeverityNumber.WARN,
        severityText: 'WARN',
        body: named.length > 0 ? `${what}: ${named.join(', ')}` : what,
        // `sextant.gap.`: what a bundle tells as lost.
        attributes: {
          ...{ stream, priority, batches, records, reason, 'sextant.gap.records': records || -1 },
          ...Object.fromEntries(bySource),
        },
      });
    }
  }

  return {
    add(drop) {
      const key = `${drop.stream} ${drop.reason}`;
      const before = gathered.get(key);
      const sources = { ...before?.sources };
      for (const [source, count] of Object.entries(drop.sources)) sources[source] = (sources[source] ?? 0) + count;
      gathered.set(key, {
        ...drop,
        batches: (before?.batches ?? 0) + drop.batches,
        records: (before?.records ?? 0) + drop.records,
        sources,
      });
      timer ??= setTimeout(report, gatherMs).unref();
    },
    close: report,
  };
}
