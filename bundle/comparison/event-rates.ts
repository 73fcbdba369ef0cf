import type { EvidenceRecord } from '../analysis/evidence.ts';

/** How often one kind of record came on one node. */
export interface RateChange {
  node: string;
  channel: string;
  /** `event 153 of disk`, or the beginning of a text with its numbers taken out. */
  kind: string;
  /** Records in each bundle, and by the hour of its window. */
  a: { count: number; perHour: number };
  b: { count: number; perHour: number };
}

/** Counts records by kind. Windows events by number and provider; texts by their shape. In bounded memory. */
export interface EventRates {
  add(record: EvidenceRecord): void;
  readonly counts: ReadonlyMap<string, number>;
  /** Records of kinds that had no room. */
  readonly uncounted: number;
}

const maxKinds = 50_000;
const shapeChars = 120;
const separator = '\u0000';

/** A text without what differs from record to record: numbers, addresses, identifiers, what stands in quotes. */
const shapeOf = (text: string): string =>
  text
    .slice(0, 400)
    .replace(/\s+/g, ' ')
    .replace(/"[^"]*"|'[^']*'/g, '…')
    .replace(/\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b|0x[0-9a-fA-F]+|[0-9a-fA-F]{12,}/g, '#')
    .replace(/\d+/g, '#')
    .trim()
    .slice(0, shapeChars);

function kindOf({ attributes, body }: EvidenceRecord): string {
  const eventId = attributes['windows.eventlog.event_id'];
  if (eventId === undefined) return shapeOf(body);
  return `event ${eventId} of ${attributes['windows.eventlog.provider.name'] ?? 'an unnamed provider'}`;
}

export function createEventRates(): EventRates {
  const counts = new Map<string, number>();
  let uncounted = 0;
  return {
    counts,
    get uncounted() {
      return uncounted;
    },
    add(record) {
      const key = [record.node, record.channel.slice(0, 200), kindOf(record)].join(separator);
      const count = counts.get(key);
      if (count === undefined && counts.size >= maxKinds) uncounted++;
      else counts.set(key, (count ?? 0) + 1);
    },
  };
}

const leastRecords = 10;
const leastRatio = 3;

/** Kinds whose rate differs by three times or more, and of which one bundle has ten records or more; the largest change first. */
export function compareRates(
  a: { rates: EventRates; hours: number },
  b: { rates: EventRates; hours: number },
): RateChange[] {
  const changes: (RateChange & { weight: number })[] = [];
  for (const key of new Set([...a.rates.counts.keys(), ...b.rates.counts.keys()])) {
    const [before, after] = [a.rates.counts.get(key) ?? 0, b.rates.counts.get(key) ?? 0];
    if (Math.max(before, after) < leastRecords) continue;
    const [rateA, rateB] = [before / a.hours, after / b.hours];
    const ratio = Math.max(rateA, rateB) / Math.max(Math.min(rateA, rateB), 1e-9);
    if (ratio < leastRatio) continue;
    const [node = '', channel = '', kind = ''] = key.split(separator);
    const round = (rate: number): number => Number(rate.toPrecision(3));
    changes.push({
      ...{ node, channel, kind },
      a: { count: before, perHour: round(rateA) },
      b: { count: after, perHour: round(rateB) },
      weight: Math.abs(rateB - rateA),
    });
  }
  return changes.sort((one, other) => other.weight - one.weight).map(({ weight: _, ...change }) => change);
}
