import { beforeEach, expect, test } from 'vitest';
import { createChannelReader, type ReadItem } from '../../../../../agent/sources/event-log/channel-reader.ts';
import { windowsErrors } from '../../../../../agent/sources/event-log/event-log-api.ts';
import type { ChannelPosition } from '../../../../../agent/sources/event-log/position.ts';
import { createMemoryLog } from './memory-log.ts';

let log: ReturnType<typeof createMemoryLog>;
beforeEach(() => {
  log = createMemoryLog();
});

const open = (position?: ChannelPosition, { query = undefined as string | undefined, sinceUnixMs = 0 } = {}) =>
  createChannelReader({ api: log.api, channel: 'Memory/Log', query, position, sinceUnixMs });

/** Reads all that is there: numbers of events, gaps as text, and the last position. */
function drain(reader: ReturnType<typeof open>) {
  const items: ReadItem[] = [];
  let position: ChannelPosition | undefined;
  for (let reading = reader.read(); reading; reading = reader.read()) {
    items.push(...reading.items);
    position = reading.position;
  }
  const told = items.map((item) =>
    'gap' in item ? `${item.gap.kind} ${item.gap.first}-${item.gap.last ?? '?'}` : item.event.recordId,
  );
  return { told, position, generations: [...new Set(items.map(({ generation }) => generation))] };
}
const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, index) => first + index);

test('reads on behind its position, from the bookmark', () => {
  log.write(1, 250);
  const first = drain(open());
  expect(first.told).toEqual(range(1, 250));
  log.write(251, 260);
  expect(drain(open(first.position)).told).toEqual(range(251, 260));
  expect(log.subscribed).toEqual(['oldest', 'after 250']);
});

test('starts at the oldest record when the bookmark is lost, and gives nothing twice', () => {
  log.write(1, 50);
  const { position } = drain(open());
  log.write(51, 60);
  log.remove(50, 50);
  expect(drain(open(position)).told).toEqual(range(51, 60));
  expect(log.subscribed).toEqual(['oldest', 'after 50', 'oldest']);
});

test('says which records were overwritten while it was away', () => {
  log.write(1, 10);
  const { position } = drain(open());
  log.write(11, 40);
  log.remove(1, 25);
  const { told } = drain(open(position));
  expect(told).toEqual(['overwritten 11-25', ...range(26, 40)]);
});

test('says which records were overwritten while it read', () => {
  log.write(1, 10);
  const reader = open();
  drain(reader);
  log.write(11, 40);
  log.remove(1, 25);
  expect(drain(reader).told).toEqual(['overwritten 11-25', ...range(26, 40)]);
});

test('says nothing of a gap that its query may have made', () => {
  log.write(1, 3);
  log.write(7, 9);
  expect(drain(open(undefined, { query: '*[System[Level<=3]]' })).told).toEqual([1, 2, 3, 7, 8, 9]);
});

test.each([true, false])('begins a generation when a log is cleared (new file: %s)', (newFile) => {
  log.write(1, 10);
  const first = drain(open());
  log.clear({ newFile });
  log.write(1, 5);
  const second = drain(open(first.position));
  expect(second.told).toEqual(['cleared 11-?', 1, 2, 3, 4, 5]);
  expect(second.generations).toHaveLength(2);
  expect(second.position?.record).toBe(5);
});

test('takes a cleared log that goes on counting for what it is', () => {
  log.write(1, 10);
  const { position } = drain(open());
  log.clear({ newFile: false });
  expect(drain(open(position)).told).toEqual([]);
  log.write(14, 15);
  expect(drain(open(position)).told).toEqual(['overwritten 11-13', 14, 15]);
});

test('halves its batches and goes back to the bookmark when Windows refuses', () => {
  log.write(1, 120);
  log.failNext(windowsErrors.invalidBound);
  log.failNext(windowsErrors.invalidBound);
  const reader = open();
  expect(reader.read()?.items).toHaveLength(25);
  expect(drain(reader).told).toEqual(range(26, 120));
});

test('passes over one record that Windows never hands over, and says so', () => {
  log.write(1, 10);
  const reader = open();
  drain(reader);
  log.write(11, 13);
  for (let tries = 0; tries < 8; tries += 1) log.failNext(windowsErrors.invalidBound);
  expect(drain(reader).told).toEqual(['unreadable 11-11', 12, 13]);
});

test('gives up for now on a log that changes under every subscription', () => {
  log.write(1, 10);
  for (let tries = 0; tries < 4; tries += 1) log.failNext(windowsErrors.queryResultStale);
  const reader = open();
  expect(() => reader.read()).toThrow('15011');
  expect(drain(reader).told).toEqual(range(1, 10));
});

test('passes over what is older than asked for, also after a restart', () => {
  log.write(1, 150, 1_000_000);
  const reader = open(undefined, { sinceUnixMs: 2_000_000 });
  const first = reader.read();
  expect(first?.items).toEqual([]);
  log.write(151, 152, 3_000_000);
  expect(drain(open(first?.position)).told).toEqual([151, 152]);
});
