import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { coverageState, parseCoverage, sumMasked } from '../../../bundle/coverage.ts';
import { coverageSchemaText } from '../../../bundle/coverage-schema.ts';
import { sampleCoverage } from './sample-bundle.ts';

test('the shipped JSON Schema is the one that the program checks with', () => {
  const shipped = readFileSync(new URL('../../../bundle/coverage.schema.json', import.meta.url), 'utf8');
  expect(JSON.parse(shipped)).toEqual(JSON.parse(coverageSchemaText()));
});

test('reads its own coverage and nothing else', () => {
  const coverage = sampleCoverage();
  expect(parseCoverage(JSON.stringify(coverage))).toEqual(coverage);
  expect(parseCoverage('{')).toBeUndefined();
  expect(parseCoverage(JSON.stringify({ ...coverage, extra: 1 }))).toBeUndefined();
});

test.each([
  ['ok', 'complete'],
  ['absent', 'complete'],
  ['partial', 'partial'],
  ['denied', 'partial'],
  ['timeout', 'partial'],
  ['failed', 'partial'],
  ['rotated-away', 'partial'],
] as const)('a source that is %s makes the bundle %s', (state, expected) => {
  const coverage = sampleCoverage();
  const sources = coverage.sources.map((source) => ({ ...source, state }));
  expect(coverageState({ ...coverage, sources })).toBe(expected);
});

test('an unreachable node makes the bundle partial even with no source of it known', () => {
  const coverage = sampleCoverage();
  const nodes = coverage.nodes.map((node) => ({ ...node, state: 'unreachable' as const }));
  expect(coverageState({ nodes, sources: [] })).toBe('partial');
});

test('adds up what was masked per rule', () => {
  expect(sumMasked([{ jwt: 1 }, { jwt: 2, pem: 1 }])).toEqual({ jwt: 3, pem: 1 });
});
