import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { createPeerRegistry } from '../../../../collector/nodes/peer-registry.ts';
import { openState } from '../../../../collector/state/state.ts';
import { patient } from '../../../patience.ts';

const hourMs = 3_600_000;

function openPeers(configured: string[] = [], folder = mkdtempSync(join(tmpdir(), 'sextant-peers-'))) {
  const clock = { nowMs: Date.UTC(2026, 0, 1) };
  const state = openState(folder, { nowMs: () => clock.nowMs });
  const told = { onSaveFailed: vi.fn(), onTooMany: vi.fn() };
  const registry = createPeerRegistry(
    { state, configured },
    { nowMs: () => clock.nowMs, ...told },
    { silentAfterMs: hourMs, forgetAfterMs: 30 * 24 * hourMs, saveEveryMs: 20 },
  );
  return { folder, clock, state, registry, ...told };
}

test('a peer is online, then silent; one that the configuration names is there before it has sent anything', () => {
  const { registry, clock } = openPeers(['fw2']);
  const states = () => registry.list().map(({ node, state }) => `${node} ${state}`);
  registry.heard('fw1');
  expect(states()).toEqual(['syslog:fw1 online', 'syslog:fw2 never-seen']);
  clock.nowMs += hourMs + 1;
  expect(states()).toEqual(['syslog:fw1 silent', 'syslog:fw2 never-seen']);
  registry.heard('fw1');
  expect(states()[0]).toBe('syslog:fw1 online');
});

test('when a peer last sent something outlives a restart, and a peer whose records are gone is forgotten', async () => {
  const first = openPeers();
  first.registry.heard('fw1');
  first.registry.close();
  first.state.close();
  const { registry, clock, state } = openPeers([], first.folder);
  registry.start();
  expect(registry.list()).toMatchObject([{ node: 'syslog:fw1', lastSeen: '2026-01-01T00:00:00.000Z' }]);
  clock.nowMs += 30 * 24 * hourMs + 1;
  await vi.waitFor(() => expect(registry.list()).toEqual([]), patient);
  registry.close();
  expect(state.database.prepare('SELECT peer FROM syslog_peers').all()).toEqual([]);
});

test('a database that cannot be written stops nothing, and what it missed is written when it can be', async () => {
  const { registry, state, onSaveFailed } = openPeers();
  state.database.exec('PRAGMA query_only = ON');
  registry.heard('fw1');
  registry.start();
  await vi.waitFor(() => expect(onSaveFailed).toHaveBeenCalled(), patient);
  state.database.exec('PRAGMA query_only = OFF');
  await vi.waitFor(
    () => expect(state.database.prepare('SELECT peer FROM syslog_peers').all()).toMatchObject([{ peer: 'fw1' }]),
    patient,
  );
  registry.close();
});

test('beyond ten thousand peers nobody is watched, which is said once', () => {
  const { registry, onTooMany } = openPeers();
  for (let peer = 0; peer < 10_003; peer++) registry.heard(String(peer));
  registry.heard('5');
  expect(registry.list()).toHaveLength(10_000);
  expect(onTooMany.mock.calls).toEqual([['10000']]);
});
