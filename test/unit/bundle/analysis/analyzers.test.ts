import { describe, expect, test } from 'vitest';
import { loadAnalyzers } from '../../../../bundle/analysis/analyzer.ts';
import { parseFindings } from '../../../../bundle/analysis/finding.ts';
import { analyzeExample } from './examples.ts';

const analyzers = loadAnalyzers();

test('there are enough of them, and each has examples of both kinds', () => {
  expect(analyzers.length).toBeGreaterThanOrEqual(25);
});

test('a certificate is told by when it expires, or how long ago it did', () => {
  const text = (value: number) =>
    analyzeExample(
      { metric: 'tlscheck.time_left', value, attributes: { 'sextant.probe.name': 'portal' } },
      analyzers,
    ).findings.find(({ analyzer }) => analyzer === 'certificate-expiring')?.text;
  expect(text(10 * 86_400)).toContain('the certificate of portal expires in 10 days (limit 30 days)');
  expect(text(-3 * 86_400)).toContain('the certificate of portal expired 3 days ago (limit 30 days)');
});

describe.each(analyzers.map((analyzer) => [analyzer.id, analyzer] as const))('%s', (id, analyzer) => {
  test('finds what it should, with a text that is whole', () => {
    for (const example of analyzer.examples.finds) {
      const result = analyzeExample(example, analyzers);
      expect(result.failed).toEqual([]);
      expect(parseFindings(JSON.stringify(result))).toEqual(result);
      const found = result.findings.filter((finding) => finding.analyzer === id);
      expect(found, JSON.stringify(example)).toHaveLength(1);
      const [finding] = found;
      expect(finding?.text).not.toMatch(/\{|\}|undefined|NaN|\s{2}/);
      expect(finding?.count).toBeGreaterThan(0);
      if (analyzer.logs) expect(finding?.evidence.length).toBeGreaterThan(0);
    }
  });

  test('lets pass what is none', () => {
    for (const example of analyzer.examples.ignores) {
      const result = analyzeExample(example, [analyzer]);
      expect(result.findings, JSON.stringify(example)).toEqual([]);
      expect(result.failed).toEqual([]);
    }
  });
});

test('what an analyzer overrides is there, and one trouble is told once, by the gravest', () => {
  const ids = analyzers.map(({ id }) => id);
  for (const { overrides = [] } of analyzers) for (const weaker of overrides) expect(ids).toContain(weaker);
  const attributes = (id: string) => ({ 'hw.physical_disk.state': 'used', 'hw.name': 'nvme1', 'hw.id': id });
  const metric = 'hw.physical_disk.endurance_utilization';
  const { findings } = analyzeExample(
    [
      { metric, value: 0.97, attributes: attributes('S1') },
      { metric, value: 0.85, attributes: attributes('S2') },
    ],
    analyzers,
  );
  expect(findings.map(({ analyzer }) => analyzer)).toEqual(['disk-worn-out', 'disk-worn']);
});

test('the limits of capacity are those that operators of Azure Local expect', () => {
  const parametersOf = (id: string) => analyzers.find((one) => one.id === id)?.check?.parameters;
  expect(parametersOf('csv-filling')).toMatchObject({ share: 0.8, daysLeft: 30 });
  expect(parametersOf('csv-full')).toMatchObject({ share: 0.9, daysLeft: 7 });
  expect(parametersOf('pool-filling')).toMatchObject({ share: 0.7, daysLeft: 30 });
  expect(parametersOf('pool-reserve')).toMatchObject({ mostDrives: 4 });
  expect(parametersOf('virtual-disk-filling')).toMatchObject({ share: 0.85 });
  expect(parametersOf('virtual-disk-full')).toMatchObject({ share: 0.95 });
  expect(parametersOf('system-drive-low')).toMatchObject({ bytes: 30e9 });
  expect(parametersOf('disk-slow')).toMatchObject({ rotatingMs: 100, solidMs: 10 });
  for (const id of ['csv-slow', 'volume-slow']) {
    expect(analyzers.find((one) => one.id === id)?.metric).toMatchObject({ above: 0.5, scale: 1000, unit: 'ms' });
  }
});
