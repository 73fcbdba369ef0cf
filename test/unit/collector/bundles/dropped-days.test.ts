import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { CoverageSource } from '../../../../bundle/coverage.ts';
import { droppedDays, noteDropped } from '../../../../collector/bundles/dropped-days.ts';
import { createAuditTrail } from '../../../../collector/state/audit.ts';
import { openState } from '../../../../collector/state/state.ts';

const source = (node: string, name: string, state: CoverageSource['state']): CoverageSource => ({
  ...{ node, source: name, state, bytes: 0, first: null, last: null, reason: null, masked: {} },
});
const window = { fromUnixMs: Date.parse('2026-11-01T12:00:00Z'), untilUnixMs: Date.parse('2026-11-20T00:00:00Z') };
const dropped = (day: string, why: 'age' | 'cap' | 'space' = 'age', of: 'logs' | 'metrics' = 'logs') => ({
  ...{ class: of, day, why, tables: [], rows: 1, bytes: 1 },
});

function stateAt(nowMs: () => number) {
  const folder = mkdtempSync(join(tmpdir(), 'sextant-audit-'));
  const state = openState(folder, { nowMs });
  onTestFinished(() => {
    state.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return state;
}

test('days of the window that retention dropped make a source rotated-away, with days and cause; others stay', () => {
  const sources = [
    source('n1', 'telemetry/logs', 'ok'),
    source('n1', 'telemetry/metrics', 'ok'),
    source('new', 'telemetry/logs', 'ok'),
    source('n2', 'telemetry/logs', 'absent'),
    source('n3', 'telemetry/logs', 'failed'),
  ];
  const enrolledMs = (node: string) => (node === 'new' ? Date.parse('2026-11-10T00:00:00Z') : undefined);
  const days = [dropped('2026-10-31'), dropped('2026-11-02', 'cap'), dropped('2026-11-01'), dropped('2026-11-20')];
  const changed = noteDropped(sources, days, { ...window, enrolledMs });
  expect(sources.map(({ state }) => state)).toEqual(['rotated-away', 'ok', 'ok', 'rotated-away', 'failed']);
  expect(changed.map(({ node }) => node)).toEqual(['n1', 'n2', 'n3']);
  expect(sources[0]?.reason).toBe(
    'the collector has dropped what it had stored of 2026-11-01 to 2026-11-02 (UTC): older than is kept (collector.retention.logs), storage was above its limit (collector.storage.maxBytes)',
  );
  expect(sources[0]?.gaps).toEqual([
    expect.objectContaining({ kind: 'lost', from: '2026-11-01T12:00:00.000Z', until: '2026-11-03T00:00:00.000Z' }),
  ]);
});

test('they are read from the audit, however much else stands in it', () => {
  let nowMs = Date.parse('2026-11-05T00:00:00Z');
  const state = stateAt(() => nowMs);
  const audit = createAuditTrail(state, { nowMs: () => nowMs });
  audit.record('storage.dropped', 'sextant collector', dropped('2026-11-01'));
  nowMs += 1000;
  for (let n = 0; n < 20; n += 1) audit.record('sql.asked', 'eva', { n });
  expect(audit.list({ event: 'storage.dropped', limit: 5 })).toHaveLength(1);
  expect(droppedDays(audit, window)).toEqual([dropped('2026-11-01')]);
  expect(droppedDays(audit, { ...window, fromUnixMs: nowMs })).toEqual([]);
});

test('what an audit extract asks for is not pushed out by what came after its window', () => {
  let nowMs = 1000;
  const state = stateAt(() => nowMs);
  const audit = createAuditTrail(state, { nowMs: () => nowMs });
  audit.record('session.opened', 'eva', {});
  nowMs = 5000;
  for (let n = 0; n < 9; n += 1) audit.record('sql.asked', 'eva', { n });
  const found = audit.list({ sinceUnixMs: 0, untilUnixMs: 2000, limit: 3 });
  expect(found.map(({ event }) => event)).toEqual(['session.opened']);
});
