import { channelOf } from '../../bundle/log-channel.ts';
import type { LogRow } from '../api/shapes/logs.ts';
import { allChannels, type LogMinute } from './log-channels.ts';
import { type Limited, withinLimit } from './telemetry-limit.ts';
import type { Look } from './telemetry-look.ts';

/** A channel that takes less than this share of the limit, by what its scope's records are like, is not looked at itself. */
const surelyFits = 1 / 4;

interface Minute {
  minuteMs: number;
  count: number;
  lastMs: number;
  /** Between the minute before and this one there are records of which none is kept. */
  apart: boolean;
}

/** One scope of one node as a limit leaves it: what is to be read, and which of what is read is in. */
export interface ScopeLimit {
  /** Minutes that hold something that is kept, with all that they hold. */
  minutes: Minute[];
  /** Of channels that lost something. */
  leftOut: { channel: string; limited: Limited<unknown> }[];
  /** To be asked of each record of these minutes once, in the order of time. */
  keeps(row: Pick<LogRow, 'timestamp' | 'attributes'>): boolean;
}

/** Each channel may bring as much as any other, so that one that writes much takes nothing from those that write little. */
export async function limitScope(
  ofScope: readonly LogMinute[],
  limitBytes: number | undefined,
  look: (minutes: readonly LogMinute[]) => Promise<Look>,
): Promise<ScopeLimit> {
  const byChannel = [...Map.groupBy(ofScope, ({ channel }) => channel ?? allChannels)];
  let likeScope: Promise<Look> | undefined;
  const cuts = new Map<string, { fromMs: number; skip: number }>();
  const leftOut: ScopeLimit['leftOut'] = [];
  for (const [channel, own] of byChannel) {
    const counted = own.map(({ minuteUnixMs, records }) => ({
      minuteMs: Number(minuteUnixMs),
      count: Number(records),
    }));
    const records = counted.reduce((sum, { count }) => sum + count, 0);
    const limited = await withinLimit(counted, limitBytes, 'records', async () => {
      likeScope ??= look(ofScope);
      const scope = await likeScope;
      const isSmall = records * scope.bytesPerRecord <= (limitBytes ?? 0) * surelyFits;
      return isSmall || byChannel.length === 1 ? scope : look(own);
    });
    if (!limited.leftOut) continue;
    leftOut.push({ channel, limited });
    const [oldest] = limited.kept;
    const whole = counted.find(({ minuteMs }) => minuteMs === oldest?.minuteMs)?.count ?? 0;
    cuts.set(channel, {
      fromMs: oldest?.minuteMs ?? Number.POSITIVE_INFINITY,
      skip: whole - (oldest?.count ?? 0),
    });
  }
  const fromMsOf = (channel: string): number => cuts.get(channel)?.fromMs ?? Number.NEGATIVE_INFINITY;
  const minutes = Map.groupBy(
    ofScope.filter(({ channel, minuteUnixMs }) => Number(minuteUnixMs) >= fromMsOf(channel ?? allChannels)),
    ({ minuteUnixMs }) => Number(minuteUnixMs),
  );
  // All of a minute is read, also what is left out of it again.
  const inMinute = Map.groupBy(ofScope, ({ minuteUnixMs }) => Number(minuteUnixMs));
  const read: Minute[] = [];
  let apart = false;
  for (const [minuteMs, all] of [...inMinute].sort(([a], [b]) => a - b)) {
    const kept = minutes.get(minuteMs);
    if (kept) {
      const count = all.reduce((sum, { records }) => sum + Number(records), 0);
      read.push({ minuteMs, count, apart, lastMs: Math.max(...kept.map(({ lastUnixMs }) => Number(lastUnixMs))) });
    }
    apart = !kept;
  }
  return {
    leftOut,
    minutes: read,
    keeps(row) {
      if (cuts.size === 0) return true;
      const cut = cuts.get(allChannels) ?? cuts.get(channelOf(row));
      if (!cut) return true;
      const atMs = Date.parse(row.timestamp);
      if (atMs < cut.fromMs) return false;
      // Of the oldest minute that is kept only the newest records may fit.
      if (cut.skip === 0 || atMs >= cut.fromMs + 60_000) return true;
      cut.skip -= 1;
      return false;
    },
  };
}
