import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sourceLimits } from '../../../bundle/caps.ts';
import { fairShare } from '../../../bundle/fair-share.ts';

const given = (wants: number[], level: number): number => wants.reduce((sum, want) => sum + Math.min(want, level), 0);

test('a budget is never passed, nothing of it is wasted, and who wants little gets all', () => {
  expect(fairShare([10, 20, 1000], 130)).toBe(100);
  expect(fairShare([10, 20, 30], 60)).toBe(Number.POSITIVE_INFINITY);
  fc.assert(
    fc.property(fc.array(fc.nat(10_000), { maxLength: 20 }), fc.nat(100_000), (wants, budget) => {
      const level = fairShare(wants, budget);
      const all = wants.reduce((sum, want) => sum + want, 0);
      if (all <= budget) expect(level).toBe(Number.POSITIVE_INFINITY);
      else {
        expect(given(wants, level)).toBeLessThanOrEqual(budget);
        expect(given(wants, level + 1)).toBeGreaterThan(budget);
      }
    }),
  );
});

test('a chatty source is cut and a rare one is not, within its class and within the whole', () => {
  const sources = [
    { kind: 'logs', bytes: 10_000 },
    { kind: 'logs', bytes: 10 },
    { kind: 'journal', bytes: 50_000 },
    { kind: 'files', bytes: 300 },
    { kind: undefined, bytes: 1000 },
  ] as const;
  expect(sourceLimits({ perClass: {} }, sources)).toEqual({});
  expect(sourceLimits({ perClass: { logs: 1010 } }, sources)).toEqual({ logs: 1000 });
  const { logs, files, journal, commands } = sourceLimits({ total: 5310, perClass: { logs: 1010 } }, sources);
  // 1000 are documents', 310 go to the small ones, the logs want 1000 of their class: 3000 are left for the journal.
  expect({ logs, files, journal }).toEqual({ logs: 1000, files: 3000, journal: 3000 });
  expect(commands).toBe(3000);
});
