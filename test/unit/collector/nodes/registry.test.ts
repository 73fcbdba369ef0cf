import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { createNodeCertificates } from '../../../../collector/identity/node-certificates.ts';
import { createNodeRegistry } from '../../../../collector/nodes/registry.ts';
import { openState } from '../../../../collector/state/state.ts';
import { patient } from '../../../patience.ts';

const startMs = Date.UTC(2026, 0, 1);

function openRegistry(folder = mkdtempSync(join(tmpdir(), 'sextant-nodes-'))) {
  const clock = { nowMs: startMs };
  const nowMs = () => clock.nowMs;
  const state = openState(folder, { nowMs });
  const certificates = createNodeCertificates(state, { nowMs });
  const addNode = (node: string) => {
    state.database
      .prepare('INSERT INTO nodes (node, host_name, os, version, enrolled_unix_ms) VALUES (?, ?, ?, ?, ?)')
      .run(node, node, 'TestOS', '1', nowMs());
    const unique = `${node}-${Math.random()}`;
    certificates.record(node, {
      pem: '',
      serial: unique,
      fingerprint: unique,
      notBeforeUnixMs: startMs,
      notAfterUnixMs: startMs + 365 * 86_400_000,
    });
  };
  const onSaveFailed = vi.fn();
  const registry = createNodeRegistry(
    { state, certificates },
    { nowMs, onSaveFailed },
    { silentAfterMs: 30_000, saveEveryMs: 20 },
  );
  return { folder, clock, state, certificates, registry, addNode, onSaveFailed };
}

test('a node is never-seen, then online, then silent, then online again', () => {
  const { registry, addNode, clock } = openRegistry();
  addNode('alpha');
  registry.enrolled('alpha');
  const state = () => registry.list()[0]?.state;
  expect(state()).toBe('never-seen');
  expect(registry.list()[0]?.lastSeen).toBeNull();
  registry.seen('alpha');
  expect(state()).toBe('online');
  clock.nowMs += 30_000;
  expect(state()).toBe('online');
  clock.nowMs += 1;
  expect(state()).toBe('silent');
  registry.seen('alpha');
  expect(state()).toBe('online');
});

test('nodes are listed by name, with the days their certificates have left, and without those revoked', () => {
  const { registry, addNode, clock, certificates } = openRegistry();
  for (const node of ['gone', 'beta', 'alpha']) {
    addNode(node);
    registry.enrolled(node);
  }
  clock.nowMs += 10.5 * 86_400_000;
  certificates.revoke('gone', 'test');
  expect(registry.list().map(({ node, certificateDaysLeft }) => [node, certificateDaysLeft])).toEqual([
    ['alpha', 354],
    ['beta', 354],
  ]);
});

test('a stranger’s name is ignored', () => {
  const { registry } = openRegistry();
  registry.seen('nobody');
  expect(registry.list()).toEqual([]);
  expect(registry.inventory('nobody')).toBeUndefined();
});

test('what nodes said is there after a restart', () => {
  const first = openRegistry();
  first.addNode('alpha');
  first.registry.enrolled('alpha');
  first.registry.heard('alpha', { type: 'hello', version: '2', hostName: 'Alpha', os: 'OS 2', bootUnixMs: 5.5 });
  first.registry.heard('alpha', {
    type: 'heartbeat',
    sentUnixMs: 1,
    clockOffsetMs: 12.25,
    spool: { bytes: 1, batches: 2, droppedRecords: 3 },
    sources: [{ name: 'journald', state: 'failing', records: 9, dropped: 1, detail: 'gone' }],
  });
  first.registry.heard('alpha', { type: 'inventory', collectedUnixMs: startMs + 0.4, facts: { disks: [1, 2] } });
  const before = first.registry.list();
  first.registry.close();
  first.state.close();

  const second = openRegistry(first.folder);
  expect(second.registry.list()).toEqual(before);
  expect(second.registry.inventory('alpha')).toEqual({
    collectedAt: '2026-01-01T00:00:00.000Z',
    facts: { disks: [1, 2] },
  });
  second.state.close();
});

test('being seen a thousand times costs one write every few seconds', async () => {
  const { registry, addNode, state } = openRegistry();
  addNode('alpha');
  registry.enrolled('alpha');
  const writes = vi.spyOn(state, 'transaction');
  registry.start();
  for (let requests = 0; requests < 1000; requests += 1) registry.seen('alpha');
  expect(writes).not.toHaveBeenCalled();
  await vi.waitFor(() => expect(writes).toHaveBeenCalledOnce(), patient);
  expect(state.database.prepare('SELECT last_seen_unix_ms AS at FROM nodes').get()?.at).toBe(startMs);
  registry.close();
});

test('a save that fails is reported and made up for', async () => {
  const { registry, addNode, state, onSaveFailed } = openRegistry();
  addNode('alpha');
  registry.enrolled('alpha');
  state.database.exec("CREATE TRIGGER full BEFORE UPDATE ON nodes BEGIN SELECT RAISE(ABORT, 'disk full'); END");
  registry.start();
  registry.seen('alpha');
  await vi.waitFor(() => expect(onSaveFailed).toHaveBeenCalled(), patient);
  state.database.exec('DROP TRIGGER full');
  const saved = () => state.database.prepare('SELECT last_seen_unix_ms AS at FROM nodes').get()?.at;
  await vi.waitFor(() => expect(saved()).toBe(startMs), patient);
  registry.close();
});
