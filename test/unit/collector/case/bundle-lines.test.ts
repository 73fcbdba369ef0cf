import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readLogLine, readSampleLine } from '../../../../collector/case/bundle-lines.ts';
import { createRecordNames, logsRequest, metricsRequest } from '../../../../collector/case/otlp-from-lines.ts';
import { walkRequest } from '../../../../collector/receive/walk.ts';

const log = { timestamp: '2026-11-20T09:45:00.123456789Z', node: 'n', severity: 'info', body: 'x', attributes: {} };
const sample = {
  timestamp: '2026-11-20T09:45:00Z',
  node: 'n',
  name: 'm',
  kind: 'sum',
  value: 1,
  unit: '1',
  attributes: {},
};

test.each<[string, object]>([
  ['a time that is none', { timestamp: '2026-13-45T99:00:00Z' }],
  ['a time with a zone of its own', { timestamp: '2026-11-20T09:45:00+99:99' }],
  ['no node', { node: '' }],
  ['a node that is a list', { node: ['n'] }],
  ['a body that is an object', { body: {} }],
  ['attributes that are no texts', { attributes: { a: 1 } }],
  ['a thousand attributes', { attributes: Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`a${n}`, ''])) }],
])('a record with %s is left out', (_, change) => {
  expect(readLogLine(JSON.stringify(log))).toEqual(log);
  expect(readLogLine(JSON.stringify({ ...log, ...change }))).toBeUndefined();
});

test.each<[string, object]>([
  ['another kind', { kind: 'summary' }],
  ['a value that is none', { value: null }],
  ['buckets that do not fit', { kind: 'histogram', histogram: { count: 1, bounds: [1, 2], counts: [1] } }],
  ['no buckets', { kind: 'histogram' }],
])('a sample with %s is left out', (_, change) => {
  expect(readSampleLine(JSON.stringify(sample))).toEqual({ ...sample, monotonic: true });
  expect(readSampleLine(JSON.stringify({ ...sample, ...change }))).toBeUndefined();
});

test('what passes becomes a request that the receiver’s own walk takes; nothing throws, whatever a line holds', () => {
  const anything = fc.oneof(
    fc.string(),
    fc.json(),
    fc
      .record({
        ...text(log),
        body: fc.string({ unit: 'binary' }),
        attributes: fc.dictionary(fc.string(), fc.string()),
      })
      .map((value) => JSON.stringify(value)),
    fc
      .record({ ...text(sample), value: fc.double(), attributes: fc.dictionary(fc.string(), fc.string()) })
      .map((value) => JSON.stringify(value)),
  );
  fc.assert(
    fc.property(anything, (line) => {
      const record = readLogLine(line);
      if (record) expect(walkRequest('logs', logsRequest([record], createRecordNames())).records).toBe(1);
      const point = readSampleLine(line);
      if (point) expect(walkRequest('metrics', metricsRequest([point])).records).toBe(1);
    }),
    { numRuns: 500 },
  );
});

const text = <T extends object>(of: T): { [Key in keyof T]: fc.Arbitrary<T[Key]> } =>
  Object.fromEntries(Object.entries(of).map(([name, value]) => [name, fc.constant(value)])) as never;

test('equal records of one moment have names of their own, and the same ones in another bundle', () => {
  const names = (lines: (typeof log)[]): string[] => {
    const nameOf = createRecordNames();
    return lines.map(nameOf);
  };
  const later = { ...log, timestamp: '2026-11-20T09:45:01Z' };
  const first = names([log, log, later]);
  expect(new Set(first).size).toBe(3);
  expect(names([log, log, later])).toEqual(first);
  expect(names([{ ...log, attributes: { 'log.record.uid': 'own' } }])).toEqual(['own']);
});
