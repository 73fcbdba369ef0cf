import { expect, test } from 'vitest';
import { createClockOffset } from '../../../../agent/control/clock-offset.ts';

/** One heartbeat: our clock is `aheadMs` ahead, the ways take `thereMs` and `backMs`. */
const exchange = (atMs: number, aheadMs: number, thereMs: number, backMs: number) => ({
  sentUnixMs: atMs + aheadMs,
  collectorUnixMs: atMs + thereMs,
  receivedUnixMs: atMs + thereMs + backMs + aheadMs,
});

test('takes half of the round trip out', () => {
  const clock = createClockOffset();
  expect(clock.ms()).toBeUndefined();
  clock.add(exchange(1_000, 250, 10, 10));
  expect(clock.ms()).toBe(250);
});

test('believes the quickest of the last exchanges', () => {
  const clock = createClockOffset();
  clock.add(exchange(1_000, -90, 400, 2));
  clock.add(exchange(2_000, -90, 1, 1));
  clock.add(exchange(3_000, -90, 2, 300));
  expect(clock.ms()).toBe(-90);
});

test('follows at once when one of the clocks is set', () => {
  const clock = createClockOffset();
  for (let i = 0; i < 5; i++) clock.add(exchange(i * 1_000, 0, 1, 1));
  clock.add(exchange(9_000, 60_000, 20, 20));
  expect(clock.ms()).toBe(60_000);
});

test('forgets what it measured when its own clock went back during an exchange', () => {
  const clock = createClockOffset();
  clock.add(exchange(1_000, 500, 1, 1));
  clock.add({ sentUnixMs: 5_000, collectorUnixMs: 4_501, receivedUnixMs: 1_000 });
  expect(clock.ms()).toBeUndefined();
});
