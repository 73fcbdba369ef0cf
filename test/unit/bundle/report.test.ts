import { expect, test } from 'vitest';
import { type ReportInput, renderReport } from '../../../bundle/report.ts';
import { sampleCoverage } from './sample-bundle.ts';

const hostile = `<script>alert(1)</script><img src=x onerror=alert(1)>" onmouseover="x' javascript:`;

function input(change: Partial<ReportInput> = {}): ReportInput {
  return { coverage: sampleCoverage(), alerts: [], inventories: [], charts: [], ...change };
}

test('nothing from outside becomes markup, wherever it stands', () => {
  const coverage = sampleCoverage();
  coverage.bundle.site = hostile;
  for (const node of coverage.nodes) Object.assign(node, { os: hostile, reason: hostile, node: hostile });
  for (const source of coverage.sources)
    Object.assign(source, { source: hostile, reason: hostile, node: hostile, masked: { [hostile]: 1 } });
  const page = renderReport({
    coverage,
    alerts: [
      {
        severity: 'critical',
        state: 'firing',
        node: hostile,
        subject: hostile,
        since: hostile,
        resolvedAt: null,
        summary: hostile,
        whatToDo: hostile,
      },
    ],
    inventories: [{ node: hostile, collectedAt: hostile, facts: { [hostile]: { deep: hostile } } }],
    charts: [
      { title: hostile, unit: hostile, series: [{ label: hostile, points: [[Date.parse(coverage.bundle.from), 1]] }] },
    ],
  });
  expect(page).not.toMatch(/<script|<img/);
  // Inside of tags there is nothing but what the templates wrote.
  for (const tag of page.match(/<[a-z][^>]*>/g) ?? []) expect(tag).not.toMatch(/\son\w+=|javascript:/);
});

test('runs no script, loads nothing, and its policy allows neither', () => {
  const page = renderReport(input());
  expect(page).toMatch(
    /<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; style-src &#39;sha256-|default-src 'none'; style-src 'sha256-/,
  );
  expect(page).not.toMatch(/<script|<link|<iframe|<object|\ssrc=|\shref=|\sstyle=|url\(|@import/);
});

test('shows the gaps before everything else', () => {
  const coverage = sampleCoverage();
  coverage.sources.push({
    node: 'node-1',
    source: 'system/dmesg',
    state: 'denied',
    bytes: 0,
    first: null,
    last: null,
    reason: 'not permitted',
    masked: {},
  });
  coverage.bundle.state = 'partial';
  const page = renderReport(input({ coverage }));
  const order = [
    'Partial.',
    'What is missing',
    'system/dmesg',
    'Coverage</h2>',
    'Alerts</h2>',
    'Charts</h2>',
    'Inventory</h2>',
  ];
  const places = order.map((text) => page.indexOf(text));
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(places).not.toContain(-1);
});

test('draws a gap in a series as a gap, and a lonely sample as a dot', () => {
  const from = Date.parse(sampleCoverage().bundle.from);
  const points: [number, number | null][] = [
    [from, 0.1],
    [from + 10_000, 0.2],
    [from + 20_000, null],
    [from + 30_000, 0.4],
  ];
  const page = renderReport(input({ charts: [{ title: 'CPU', unit: '1', series: [{ label: 'n', points }] }] }));
  const path = /<path class="plot s0" d="(M[^"]*)"\/>(<circle)?/.exec(page);
  expect(path?.[1]?.match(/M/g)).toHaveLength(2);
  expect(path?.[2]).toBe('<circle');
  expect(page).toContain('10 % – 40 %');
});

test('a node that several parts of a merged bundle know is shown once, with the state in each, and counted once', () => {
  const { nodes, sources } = sampleCoverage();
  const [node] = nodes;
  if (!node) throw new Error('a sample without a node');
  const coverage = sampleCoverage({
    nodes: [{ ...node, state: 'unreachable', reason: 'not connected to the collector' }, node],
    sources,
  });
  const page = renderReport(input({ coverage }));
  expect(page.match(/<h3>node-1<\/h3>/g)).toHaveLength(1);
  expect(page).toContain('<dt>Nodes</dt><dd>1</dd>');
  const section = page.slice(page.indexOf('<h3>node-1</h3>'));
  const summary = section.slice(0, section.indexOf('</summary>'));
  expect(summary).toContain('unreachable');
  expect(summary).toContain('gathered');
  expect(summary).toContain('1 source,');
});
