import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CapClass } from '../../../../bundle/caps.ts';
import { compareBundles } from '../../../../bundle/comparison/compare-bundles.ts';
import { compareFacts, flatFacts } from '../../../../bundle/comparison/facts.ts';
import { openSoundBundle } from '../../../../bundle/sound-bundle.ts';
import { makeEvidence } from '../../../e2e/evidence-bundle.ts';
import { temporaryFolder } from '../sample-bundle.ts';

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const fromMs = Date.UTC(2026, 10, 20, 9, 45);

test('says what changed between two bundles of a site', async () => {
  const a = await makeEvidence(join(folder, 'a'), { id: 'aaaaaaaaaaaa', fromMs, everyMs: 20_000 });
  const b = await makeEvidence(join(folder, 'b'), {
    ...{ id: 'bbbbbbbbbbbb', fromMs: fromMs + 86_400_000, everyMs: 2000, kernel: '6.12.0' },
    change: (coverage) => {
      const [node] = coverage.nodes;
      if (!node) return;
      node.version = '0.2.0';
      coverage.nodes.push({ ...node, node: 'node-2', volumes: [] });
    },
  });
  const [before, after] = [await openSoundBundle([a]), await openSoundBundle([b])];
  const result = await compareBundles(before, after, { scratch: folder, nowMs: 0 });
  expect(result).toMatchObject({
    nodes: { onlyA: [], onlyB: ['node-2'] },
    versions: [{ node: 'node-1', path: 'agent', a: '0.1.0', b: '0.2.0' }],
    inventory: [{ node: 'node-1', path: 'os.kernel', a: '6.1.0', b: '6.12.0' }],
    configuration: [{ path: 'kernel', a: '6.1.0', b: '6.12.0' }],
  });
  // Every 20 s against every 2 s.
  expect(result.rates).toMatchObject([
    { node: 'node-1', kind: 'request # took # ms', a: { count: 43 }, b: { count: 428 } },
    { node: 'node-1', kind: 'event 7 of disk', a: { count: 2 }, b: { count: 22 } },
  ]);
  expect(result.notes).toContain('not both are complete: what is missing looks as if it had not happened');

  const same = await compareBundles(before, before, { scratch: folder, nowMs: 0 });
  expect(same).toMatchObject({ versions: [], inventory: [], configuration: [], rates: [] });
  expect(same.findings).toEqual({ onlyA: [], onlyB: [] });
});

test('says that bundles were asked for other classes: what was not asked for did not stop happening', async () => {
  const ask = (id: string, classes?: CapClass[]) =>
    makeEvidence(join(folder, id), {
      ...{ id, fromMs, everyMs: 20_000 },
      change: ({ bundle }) => Object.assign(bundle, classes && { classes }),
    });
  const [all, logs] = await Promise.all(
    [await ask('cccccccccccc'), await ask('dddddddddddd', ['logs'])].map((path) => openSoundBundle([path])),
  );
  if (!all || !logs) throw new Error('two bundles');
  const said = 'they were not asked for the same classes: what was not asked for looks as if it had not happened';
  expect((await compareBundles(all, logs, { scratch: folder, nowMs: 0 })).notes).toContain(said);
  expect((await compareBundles(logs, logs, { scratch: folder, nowMs: 0 })).notes).not.toContain(said);
});

test('a list in another order is no difference, and what changes all the time is left out', () => {
  const disk = (name: string, size: number) => ({ name, size, temperature: Math.random() });
  const a = flatFacts({ disks: [disk('nvme0', 1), disk('nvme1', 2)], os: { bootedAt: 'x', kernel: '1' } });
  const b = flatFacts({ disks: [disk('nvme1', 2), disk('nvme0', 4)], os: { bootedAt: 'y', kernel: '1' } });
  expect(compareFacts(a, b)).toEqual([{ path: 'disks[nvme0].size', a: '1', b: '4' }]);
});
