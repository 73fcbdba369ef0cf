import type { EvidenceRecord } from './evidence.ts';
import type { FindingEvidence } from './finding.ts';

/** What a condition has found on one node about one subject. */
export interface Hit {
  node: string;
  subject: string;
  count: number;
  firstMs: number | null;
  lastMs: number | null;
  channel: string;
  evidence: FindingEvidence[];
  /** For texts. */
  value?: number;
  limit?: number;
  unit?: string;
  detail?: string;
}

const maxTimes = 20_000;
const maxGroups = 2000;
const maxEvidence = 5;
const maxEvidenceChars = 400;
/** The same record may come by several ways: from the journal and from the file that it was written to as well. */
const rememberedTexts = 64;

interface Group {
  node: string;
  subject: string;
  count: number;
  times: number[];
  channels: Map<string, number>;
  evidence: (FindingEvidence & { unixMs: number })[];
  recent: string[];
}

export const evidenceOf = ({ unixMs, node, channel, body }: EvidenceRecord): FindingEvidence => ({
  timestamp: new Date(unixMs).toISOString(),
  node,
  channel: channel.slice(0, 200),
  text: body.replace(/\s+/g, ' ').trim().slice(0, maxEvidenceChars),
});

/** Records that count for one analyzer, by node and subject, in bounded memory. */
export interface HitGroups {
  add(record: EvidenceRecord, subject: string): void;
  /** Groups with at least `atLeast` records, within `withinMs` of each other when that is given. */
  hits(atLeast: number, withinMs: number | undefined): Hit[];
}

export function createHitGroups(): HitGroups {
  const groups = new Map<string, Group>();

  return {
    add(record, subject) {
      const { node, unixMs, channel, body } = record;
      const key = `${node}\u0000${subject}`;
      let group = groups.get(key);
      if (!group) {
        if (groups.size >= maxGroups) return;
        group = { node, subject, count: 0, times: [], channels: new Map(), evidence: [], recent: [] };
        groups.set(key, group);
      }
      const twin = `${Math.floor(unixMs / 1000)}|${body.slice(-80)}`;
      const sources = group.recent.find((known) => known.startsWith(`${twin}|`));
      if (sources !== undefined && !sources.endsWith(`|${channel}`)) return;
      if (sources === undefined) {
        group.recent.push(`${twin}|${channel}`);
        if (group.recent.length > rememberedTexts) group.recent.shift();
      }
      group.count++;
      if (group.times.length < maxTimes) group.times.push(unixMs);
      if (group.channels.size < 20 || group.channels.has(channel)) {
        group.channels.set(channel, (group.channels.get(channel) ?? 0) + 1);
      }
      group.evidence.push({ ...evidenceOf(record), unixMs });
      if (group.evidence.length > 8 * maxEvidence) group.evidence = firstAndLast(group.evidence);
    },
    hits(atLeast, withinMs) {
      return [...groups.values()].flatMap((group): Hit[] => {
        group.times.sort((a, b) => a - b);
        const dense = withinMs === undefined ? group.count : densest(group.times, withinMs);
        if (dense < atLeast) return [];
        const channel = [...group.channels].sort((a, b) => b[1] - a[1])[0]?.[0] ?? '';
        return [
          {
            node: group.node,
            subject: group.subject,
            count: group.count,
            firstMs: group.times[0] ?? null,
            lastMs: group.times.at(-1) ?? null,
            channel,
            evidence: firstAndLast(group.evidence).map(({ unixMs: _, ...evidence }) => evidence),
            value: dense,
            limit: atLeast,
          },
        ];
      });
    },
  };
}

/** Three from the beginning, two from the end. */
function firstAndLast<T extends { unixMs: number }>(evidence: T[]): T[] {
  const sorted = [...evidence].sort((a, b) => a.unixMs - b.unixMs);
  return sorted.length <= maxEvidence ? sorted : [...sorted.slice(0, 3), ...sorted.slice(-2)];
}

/** The most of these times that lie within a window of that length; they are sorted. */
function densest(times: readonly number[], withinMs: number): number {
  let most = 0;
  for (let start = 0, end = 0; end < times.length; end++) {
    while ((times[end] ?? 0) - (times[start] ?? 0) > withinMs) start++;
    most = Math.max(most, end - start + 1);
  }
  return most;
}
