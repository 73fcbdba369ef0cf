import { expect, test } from 'vitest';
import type { CaseRecords } from '../../../../collector/case/case-records.ts';
import { createCaseView } from '../../../../collector/case/case-view.ts';
import { sampleCoverage } from '../../bundle/sample-bundle.ts';

const [node, source] = [sampleCoverage().nodes[0], sampleCoverage().sources[0]];
if (!node || !source) throw new Error('a sample without a node and a source');

const viewOf = (coverage: ReturnType<typeof sampleCoverage>) =>
  createCaseView({
    bundles: () => [{ id: 'a', name: 'a', site: 'Plant 7', coverage, alerts: [] }],
    homeSite: () => 'Plant 7',
    countFiles: () => 0,
  } as unknown as CaseRecords);

test('a node that two parts of a merged bundle know is one, as the part saw it that gathered from it, with the sources of both', () => {
  const rows = viewOf(
    sampleCoverage({
      nodes: [node, { ...node, state: 'unreachable', lastSeen: '2026-11-19T00:00:00.000Z' }],
      sources: [source, { ...source, source: 'telemetry/logs' }],
    }),
  ).nodes();
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({ node: 'node-1', state: 'online', lastSeen: node.lastSeen });
  expect(rows[0]?.sources.map(({ name }) => name)).toEqual(['system/logs', 'telemetry/logs']);
});

test('a bundle says what it cannot answer and how it came about, as its own report does', () => {
  const coverage = sampleCoverage({ unanswered: ['What happened on node-1 at nine.'], notes: ['Read from a disk.'] });
  expect(viewOf(coverage).bundles()[0]).toMatchObject({
    unanswered: ['What happened on node-1 at nine.'],
    notes: ['Read from a disk.'],
  });
  expect(viewOf(sampleCoverage()).bundles()[0]).toMatchObject({ unanswered: [], notes: [] });
});
