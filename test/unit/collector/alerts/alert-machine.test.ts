import { expect, test } from 'vitest';
import { stepAlert, type TrackedAlert } from '../../../../collector/alerts/alert-machine.ts';

const rule = { limit: 80, clearAt: 75, countsDown: false, holdForMs: 30_000, goneAfterMs: 3_600_000 };
const pending: TrackedAlert = { state: 'pending', sinceMs: 1000, value: 85, valueAtMs: 1000 };
const firing: TrackedAlert = { state: 'firing', sinceMs: 1000, value: 85, valueAtMs: 31_000 };

test('a value at its limit is quiet', () => {
  expect(stepAlert(undefined, 80, rule, 0).kind).toBe('quiet');
});

test('a value above its limit is pending, and fires when the hold time is over', () => {
  const first = stepAlert(undefined, 81, rule, 1000);
  expect(first).toMatchObject({ kind: 'pending', alert: { state: 'pending', sinceMs: 1000 } });
  expect(stepAlert(pending, 82, rule, 30_999)).toMatchObject({ kind: 'keep', alert: { value: 82 } });
  expect(stepAlert(pending, 82, rule, 31_000)).toMatchObject({ kind: 'firing', alert: { sinceMs: 1000, value: 82 } });
});

test('without a hold time it fires at once', () => {
  expect(stepAlert(undefined, 81, { ...rule, holdForMs: 0 }, 5).kind).toBe('firing');
});

test('what falls back during the hold time was never an alert', () => {
  expect(stepAlert(pending, 80, rule, 2000)).toEqual({ kind: 'dropped' });
});

test('between its two limits a firing alert stays as it is, and resolves at the lower one', () => {
  expect(stepAlert(firing, 76, rule, 40_000)).toMatchObject({ kind: 'keep', alert: { state: 'firing', value: 76 } });
  expect(stepAlert(firing, 75, rule, 40_000)).toMatchObject({ kind: 'resolved', reason: 'back within its limit' });
});

test('what counts down is raised below its limit, and resolves at it', () => {
  const days = { ...rule, limit: 30, clearAt: 30, countsDown: true, holdForMs: 0 };
  expect(stepAlert(undefined, 30, days, 1).kind).toBe('quiet');
  expect(stepAlert(undefined, 29.9, days, 1).kind).toBe('firing');
  expect(stepAlert(firing, -3, days, 40_000)).toMatchObject({ kind: 'keep', alert: { value: -3 } });
  expect(stepAlert(firing, 30, days, 40_000)).toMatchObject({ kind: 'resolved' });
});

test('missing data resolves nothing, until what it was about has been gone for long', () => {
  expect(stepAlert(firing, undefined, rule, 3_631_000)).toEqual({ kind: 'keep', alert: firing });
  expect(stepAlert(firing, undefined, rule, 3_631_001)).toMatchObject({ kind: 'resolved', alert: { value: 85 } });
  expect(stepAlert(pending, undefined, rule, 3_601_001)).toEqual({ kind: 'dropped' });
});
