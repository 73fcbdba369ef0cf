import type { Logger, LogRecord } from '@opentelemetry/api-logs';
import { expect, test } from 'vitest';
import { createDropReport } from '../../../../agent/pipeline/drop-report.ts';
import type { CoverageSource } from '../../../../bundle/coverage.ts';
import { createLosses } from '../../../../collector/bundles/losses.ts';
import { logSilence, metricSilence, noteGaps, silences } from '../../../../collector/bundles/silences.ts';

const minute = 60_000;
const begin = Date.parse('2026-11-20T08:00:00Z');
const window = { fromUnixMs: begin, untilUnixMs: begin + 240 * minute };
const at = (...minutes: number[]) =>
  minutes.map((n) => ({ firstMs: begin + n * minute, lastMs: begin + n * minute + 50_000 }));
const range = (from: number, until: number, step = 1): number[] =>
  Array.from({ length: Math.ceil((until - from) / step) }, (_, n) => from + n * step);

test('one that always speaks and does not for an hour has a gap, with its times', () => {
  const active = at(...range(0, 100), ...range(160, 240));
  expect(silences(active, window, logSilence, 'system was')).toEqual([
    {
      kind: 'silence',
      from: '2026-11-20T09:39:50.000Z',
      until: '2026-11-20T10:40:00.000Z',
      what: expect.stringMatching(/^system was silent for 1 h.*, usually for 10 s at most$/),
    },
  ]);
});

test('one that fell silent before the end, or began late, has a gap there', () => {
  const gaps = silences(at(...range(60, 180)), window, metricSilence, 'metrics were');
  expect(gaps.map(({ from, until }) => [from, until])).toEqual([
    ['2026-11-20T08:00:00.000Z', '2026-11-20T09:00:00.000Z'],
    ['2026-11-20T10:59:50.000Z', '2026-11-20T12:00:00.000Z'],
  ]);
});

test('one that speaks now and then, or hardly ever, has no gap', () => {
  expect(silences(at(...range(0, 240, 20)), window, logSilence, '')).toEqual([]);
  expect(silences(at(3, 4, 200), window, logSilence, '')).toEqual([]);
  expect(silences([], window, logSilence, '')).toEqual([]);
  expect(silences(at(...range(0, 240)), window, metricSilence, '')).toEqual([]);
});

test('what an agent says that it has lost makes the source partial, silence alone does not', () => {
  const losses = createLosses();
  const row = { node: 'n1', severity: 'warn', body: 'app.log: 512 bytes are gone' } as const;
  const attributes = {
    'log.file.path': '/var/log/app.log',
    'sextant.gap.bytes': '512',
    'sextant.gap.unwatched': 'false',
  };
  losses.seen({ ...row, timestamp: '2026-11-20T08:01:00Z', attributes });
  losses.seen({ ...row, timestamp: '2026-11-20T08:02:00Z', attributes: {} });
  losses.seen({ ...row, timestamp: '2026-11-20T08:03:00Z', attributes });
  losses.seen({
    ...{ ...row, timestamp: '2026-11-20T08:04:00Z' },
    attributes: { 'log.file.path': '/b.log', 'sextant.gap.bytes': '-1', 'sextant.gap.unwatched': 'true' },
  });
  const gaps = losses.gaps();
  expect(gaps).toEqual([
    {
      kind: 'lost',
      from: '2026-11-20T08:01:00Z',
      until: '2026-11-20T08:03:00Z',
      what: 'app.log: 512 bytes are gone (and 1 more notes like it)',
    },
    expect.objectContaining({ kind: 'silence', from: '2026-11-20T08:04:00Z' }),
  ]);
  const source = (): CoverageSource => ({
    ...{ node: 'n1', source: 'telemetry/logs', state: 'ok', bytes: 1, first: null, last: null, reason: null },
    masked: {},
  });
  const lost = source();
  noteGaps(lost, gaps);
  expect(lost).toMatchObject({ state: 'partial', reason: expect.stringContaining('512 bytes are gone') });
  const quiet = source();
  noteGaps(
    quiet,
    gaps.filter(({ kind }) => kind === 'silence'),
  );
  expect(quiet).toMatchObject({ state: 'ok', reason: null, gaps: [{ kind: 'silence' }] });
});

test('what an agent’s spool dropped makes the source partial, as the agent writes it down', () => {
  const losses = createLosses();
  const written: LogRecord[] = [];
  const report = createDropReport(() => ({ emit: (record: LogRecord) => written.push(record) }) as unknown as Logger);
  report.add({ stream: 'logs', priority: 'bulk', batches: 2, records: 300, sources: { files: 300 }, reason: 'cap' });
  // Of a batch whose header is damaged nobody knows how much it held.
  report.add({ stream: 'metrics', priority: 'normal', batches: 1, records: 0, sources: {}, reason: 'damaged on disk' });
  report.close();
  expect(written.map(({ body }) => body)).toEqual([
    'the spool dropped 300 records of logs (cap): 300 of files',
    'the spool dropped an unknown number of records of metrics (damaged on disk)',
  ]);
  for (const { body, attributes } of written) {
    const texts = Object.entries(attributes ?? {}).map(([name, value]) => [name, String(value)]);
    losses.seen({
      ...{ node: 'n1', severity: 'warn', timestamp: '2026-11-20T08:01:00Z' },
      ...{ body: String(body), attributes: Object.fromEntries(texts) },
    });
  }
  expect(losses.gaps()).toMatchObject([{ kind: 'lost', what: expect.stringContaining('300 records') }]);
});
