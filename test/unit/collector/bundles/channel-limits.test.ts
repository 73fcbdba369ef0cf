import { expect, test } from 'vitest';
import { limitScope } from '../../../../collector/bundles/channel-limits.ts';
import { type LogMinute, limitsLogs } from '../../../../collector/bundles/log-channels.ts';
import { timeSlices } from '../../../../collector/bundles/time-slices.ts';

const minuteMs = 60_000;
const minute = (channel: string, at: number, records: number): LogMinute => ({
  ...{ node: 'n', scope: 'files', channel, records, minuteUnixMs: at * minuteMs },
  ...{ firstUnixMs: at * minuteMs, lastUnixMs: at * minuteMs + 59_000 },
});
const row = (path: string, atMs: number) => ({
  timestamp: new Date(atMs).toISOString(),
  attributes: { 'log.file.path': path },
});
/** Ten bytes a record, whatever it is. */
const look = async () => ({ bytesPerRecord: 10, packedShare: 0.1 });

test('a channel that writes much is cut, from its oldest record on; a rare and older one of its scope stays whole', async () => {
  const own = [minute('/rare', 1, 3), minute('/chatty', 5, 100), minute('/chatty', 6, 100)];
  const { keeps, minutes, leftOut } = await limitScope(own, 1500, look);
  expect(leftOut.map(({ channel, limited }) => [channel, limited.leftOut?.records])).toEqual([['/chatty', 50]]);
  expect(minutes.map(({ minuteMs: at, count }) => [at / minuteMs, count])).toEqual([
    [1, 3],
    [5, 100],
    [6, 100],
  ]);
  expect(keeps(row('/rare', minuteMs))).toBe(true);
  const kept = Array.from({ length: 100 }, (_, n) => keeps(row('/chatty', 5 * minuteMs + n)));
  expect(kept.filter((yes) => yes)).toHaveLength(50);
  expect(kept.slice(0, 50)).not.toContain(true);
  expect(keeps(row('/chatty', 6 * minuteMs))).toBe(true);
});

test('minutes of which nothing is kept are not read', async () => {
  const { minutes } = await limitScope([minute('/a', 1, 100), minute('/a', 2, 100)], 900, look);
  expect(minutes.map(({ minuteMs: at }) => at / minuteMs)).toEqual([2]);
});

test('what is read at once does not reach over a minute that is left out, whose records would push out older rare ones', async () => {
  const own = [minute('/rare', 1, 3), minute('/rare', 2, 3), minute('/chatty', 5, 100), minute('/chatty', 6, 100)];
  const { minutes } = await limitScope(own, 1000, look);
  const slices = timeSlices(minutes, 1000, { fromMs: 0, untilMs: 10 * minuteMs });
  expect(slices.map(({ fromMs, untilMs, count }) => [fromMs / minuteMs, untilMs / minuteMs, count])).toEqual([
    [1, 3, 6],
    [6, 7, 100],
  ]);
});

test('channels that are not told apart are cut together', async () => {
  const { keeps } = await limitScope([minute('*', 1, 100), minute('*', 2, 100)], 1000, look);
  expect(keeps(row('/one', minuteMs))).toBe(false);
  expect(keeps(row('/other', 2 * minuteMs))).toBe(true);
});

test('without a limit of logs nothing is cut, and channels need not be known', async () => {
  expect([{}, { files: 5 }, { logs: Number.POSITIVE_INFINITY }].map(limitsLogs)).toEqual([false, false, false]);
  const { keeps, leftOut } = await limitScope([minute('/a', 1, 100)], undefined, look);
  expect(leftOut).toEqual([]);
  expect(keeps(row('/a', minuteMs))).toBe(true);
});
