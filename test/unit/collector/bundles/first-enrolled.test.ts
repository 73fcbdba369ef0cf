import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type CoverageSource, coverageState } from '../../../../bundle/coverage.ts';
import { unanswered } from '../../../../bundle/unanswered.ts';
import { firstEnrolled, noteBeforeEnrolment } from '../../../../collector/bundles/first-enrolled.ts';
import { metricSilence, silences } from '../../../../collector/bundles/silences.ts';
import { createAuditTrail } from '../../../../collector/state/audit.ts';
import { openState } from '../../../../collector/state/state.ts';
import { sampleCoverage } from '../../bundle/sample-bundle.ts';

const minuteMs = 60_000;
const from = Date.parse('2026-11-20T08:00:00Z');
const window = { fromUnixMs: from, untilUnixMs: from + 240 * minuteMs };
const source = (node: string, name: string, state: CoverageSource['state'] = 'ok'): CoverageSource => ({
  ...{ node, source: name, state, bytes: 0, first: null, last: null, reason: null, masked: {} },
});

test('the audit tells which nodes were first enrolled within a window; enrolling again is no beginning', () => {
  let nowMs = from - minuteMs;
  const folder = mkdtempSync(join(tmpdir(), 'sextant-audit-'));
  const state = openState(folder, { nowMs: () => nowMs });
  onTestFinished(() => {
    state.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const audit = createAuditTrail(state, { nowMs: () => nowMs });
  audit.record('node.enrolled', 'old', {});
  nowMs = from + 60 * minuteMs;
  audit.record('node.enrolled', 'new', {});
  audit.record('node.enrolled', 'old', { again: true });
  nowMs += minuteMs;
  audit.record('node.enrolled', 'new', { again: true });
  expect([...firstEnrolled(audit, window)]).toEqual([['new', from + 60 * minuteMs]]);
});

test('coverage says from when a node is known, before anything of it could be missed', () => {
  const sources = [
    source('new', 'telemetry/logs'),
    source('new', 'telemetry/metrics', 'absent'),
    source('new', 'logs/app'),
    source('late', 'telemetry/metrics', 'absent'),
    source('old', 'telemetry/metrics'),
    source('new', 'telemetry/metrics', 'failed'),
  ];
  const enrolled = new Map([
    ['new', from + 60 * minuteMs],
    ['late', window.untilUnixMs + minuteMs],
  ]);
  const changed = noteBeforeEnrolment(sources, { ...window, enrolledMs: (node) => enrolled.get(node) });
  expect(changed.map((one) => [one.node, one.source])).toEqual([
    ['new', 'telemetry/logs'],
    ['new', 'telemetry/metrics'],
    ['late', 'telemetry/metrics'],
  ]);
  expect(sources[0]?.gaps).toEqual([
    {
      kind: 'before-enrolment',
      from: '2026-11-20T08:00:00.000Z',
      until: '2026-11-20T09:00:00.000Z',
      what: 'the node was enrolled on 2026-11-20 09:00:00; of before there is only what it still had and sent then',
    },
  ]);
  expect(sources[3]?.gaps?.[0]?.until).toBe('2026-11-20T12:00:00.000Z');
  const ofNew = sources.slice(0, 3);
  expect(unanswered(sampleCoverage({ sources: ofNew }))).toContain(
    'What happened on new from 2026-11-20 08:00:00 to 2026-11-20 09:00:00 (UTC) by telemetry/logs: the node was enrolled on 2026-11-20 09:00:00; of before there is only what it still had and sent then.',
  );
  // Nothing that could be had is missing.
  expect(coverageState(sampleCoverage({ sources: ofNew }))).toBe('complete');
});

test('what lies before the window is no silence, and ends none', () => {
  const minute = (at: number) => ({ firstMs: from + at * minuteMs, lastMs: from + (at + 1) * minuteMs });
  const active = [minute(0), minute(30), ...Array.from({ length: 60 }, (_, at) => minute(60 + at))];
  const known = { fromUnixMs: from + 60 * minuteMs, untilUnixMs: from + 120 * minuteMs };
  expect(silences(active, known, metricSilence, 'metrics were')).toEqual([]);
  expect(silences(active, { ...known, fromUnixMs: from }, metricSilence, 'metrics were')).toHaveLength(2);
});
