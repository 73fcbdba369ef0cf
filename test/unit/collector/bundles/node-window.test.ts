import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nodeWindow } from '../../../../collector/bundles/node-window.ts';

const hour = 3_600_000;
const window = { fromUnixMs: 100 * hour, untilUnixMs: 104 * hour };

test('a node whose clock is ahead is asked for more at the end, one that is behind for more at the beginning', () => {
  expect(nodeWindow(window, 5000)).toEqual({ ...window, untilUnixMs: window.untilUnixMs + 5000 });
  expect(nodeWindow(window, -5000)).toEqual({ ...window, fromUnixMs: window.fromUnixMs - 5000 });
  expect(nodeWindow(window, null)).toEqual(window);
  expect(nodeWindow(window, Number.NaN)).toEqual(window);
});

test('what happened within the window is within it by the node’s clock too', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -24 * hour, max: 24 * hour }),
      fc.integer({ min: window.fromUnixMs, max: window.untilUnixMs }),
      (offsetMs, at) => {
        const asked = nodeWindow(window, offsetMs);
        for (const time of [at, at + offsetMs]) {
          expect(asked.fromUnixMs).toBeLessThanOrEqual(time);
          expect(asked.untilUnixMs).toBeGreaterThanOrEqual(time);
        }
      },
    ),
  );
});

test('a node that claims a century makes the window a day longer', () => {
  expect(nodeWindow(window, 1e15).untilUnixMs).toBe(window.untilUnixMs + 24 * hour);
  expect(nodeWindow(window, -1e15).fromUnixMs).toBe(window.fromUnixMs - 24 * hour);
});
