import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadProfile } from '../../../../../agent/profile/load.ts';
import { profile } from './site.ts';

const folder = mkdtempSync(join(tmpdir(), 'sextant-reach-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const own = join(folder, 'own.yaml');
writeFileSync(
  own,
  `name: own
description: d
metrics: { enabled: true }
files: { follow: [/var/log/a.log, /var/log/b.log], exclude: [/var/log/secret*] }
eventLog: { enabled: true, channels: [{ name: System, query: "*[System[Level <= 2]]" }, { name: Security, enabled: false }] }
probes:
  enabled: true
  https: [{ name: own, url: "https://a.example/" }]
bundle:
  system: { description: d, items: [{ name: uname, command: [uname, -a] }, { name: off, command: [cat, /x], enabled: false }] }
  dark: { description: d, enabled: false, items: [{ name: id, command: [id] }] }
`,
);

const lay = (text: string, allowed: string[] = []) => {
  const { pushed, profile: effective } = loadProfile({
    names: [own],
    pushed: { profiles: [profile('p', text)], keyId: 'K', node: 'n1', allowed, nowMs: Date.now() },
  });
  return { ...pushed[0], effective };
};

test.each([
  ['an interval', 'metrics: { interval: 1m }'],
  ['less to collect', 'metrics: { enabled: false }\nprobes: { enabled: false }'],
  ['a file less', 'files: { follow: ["!/var/log/a.log"], exclude: [/var/log/more*] }'],
  ['a priority', 'files: { priority: bulk }'],
  ['a channel less', 'eventLog: { channels: [{ name: System, remove: true }] }'],
  ['a command less', 'bundle: { system: { items: [{ name: uname, remove: true }] } }'],
  [
    'counters',
    'counters: { enabled: true, metrics: [{ name: x, counter: "\\\\A\\\\B", metric: a.b, unit: "1", description: d }] }',
  ],
])('%s needs no leave', (_, text) => {
  expect(lay(text)).toMatchObject({ state: 'applied' });
});

test.each([
  ['programs', 'another command', 'bundle: { system: { items: [{ name: uname, command: [id] }] } }'],
  ['programs', 'a new command', 'bundle: { system: { items: [{ name: new, command: [id] }] } }'],
  ['programs', 'a command that was off', 'bundle: { system: { items: [{ name: off, enabled: true }] } }'],
  ['programs', 'a role that was off', 'bundle: { dark: { enabled: true } }'],
  ['programs', 'a role whose being off is taken out', 'bundle: { dark: { enabled: null } }'],
  ['programs', 'PowerShell', 'hyperv: { enabled: true }'],
  ['programs', 'programs of the hardware', 'hardware: { enabled: true }'],
  ['files', 'a new file', 'files: { follow: [/etc/shadow] }'],
  ['files', 'a file that is kept away from', 'files: { exclude: ["!/var/log/secret*"] }'],
  ['files', 'all files that are kept away from', 'files: { exclude: null }'],
  ['files', 'a pattern', 'files: { formats: [{ name: f, match: [/var/log/a.log], multiline: { start: "(a+)+$" } }] }'],
  ['files', 'a file for a bundle', 'bundle: { system: { items: [{ name: f, files: [/etc/shadow] }] } }'],
  ['network', 'another address', 'probes: { https: [{ name: own, url: "https://b.example/" }] }'],
  ['network', 'a new address', 'probes: { tcp: [{ name: t, host: 10.0.0.1, port: 22 }] }'],
  ['logs', 'a channel that was off', 'eventLog: { channels: [{ name: Security, enabled: true }] }'],
  ['logs', 'a wider query', 'eventLog: { channels: [{ name: System, query: null }] }'],
  ['logs', 'the journal', 'journal: { enabled: true }'],
])('%s: %s is refused until the node allows it', (kind, _, text) => {
  const refused = lay(text);
  expect(refused).toMatchObject({ state: 'refused', reason: expect.stringContaining(`needs \`${kind}\``) });
  expect(refused.effective).toEqual(loadProfile({ names: [own] }).profile);
  const others = ['programs', 'files', 'network', 'logs'].filter((each) => each !== kind);
  expect(lay(text, others)).toMatchObject({ state: 'refused' });
  expect(lay(text, [kind])).toMatchObject({ state: 'applied' });
});

test('where this node’s secrets go is never for others to say', () => {
  const all = ['programs', 'files', 'network', 'logs'];
  for (const text of [
    'hardware: { enabled: true, redfish: [{ name: b, url: "https://x", credentials: /c.yaml }] }',
    'probes: { controlPlane: { url: "https://x" } }',
    'probes: { https: [{ name: own, clientKey: /k }] }',
  ]) {
    expect(lay(text, all)).toMatchObject({ state: 'refused', reason: expect.stringContaining('own files alone') });
  }
});

test('what includes, what has a fault and what says nothing readable is refused whole', () => {
  expect(lay('include: linux\nmetrics: { interval: 1m }')).toMatchObject({ state: 'refused' });
  expect(lay('metrics: { interval: 1m, intervall: 2m }').reason).toContain('pushed p v1 (key K):1: metrics.intervall');
  expect(lay('metrics: [')).toMatchObject({ state: 'refused' });
  expect(lay('metrics: { interval: 1m, intervall: 2m }').effective.metrics.interval).toBe(10_000);
});

test('lies over the profiles that the node names and under its own site file', () => {
  writeFileSync(join(folder, 'profile.yaml'), 'metrics: { interval: 7s }\n');
  const pushed = (text: string) =>
    loadProfile({
      names: [own],
      dataDir: folder,
      pushed: {
        profiles: [profile('b', text), profile('a', 'metrics: { processes: { top: 1 } }')],
        keyId: 'K',
        node: 'n1',
        allowed: [],
        nowMs: Date.now(),
      },
    });
  const { profile: effective, layers } = pushed('metrics: { interval: 1m, processes: { top: 2 } }');
  expect(effective.metrics).toMatchObject({ interval: 7_000, processes: { top: 2 } });
  expect(layers.map(({ file }) => file)).toEqual([
    own,
    'pushed a v1 (key K)',
    'pushed b v1 (key K)',
    join(folder, 'profile.yaml'),
  ]);
});

test('holds on the nodes and roles that it names, until its end', () => {
  const become = (more: object) =>
    loadProfile({
      names: [own],
      pushed: {
        profiles: [profile('p', 'metrics: { interval: 1m }', more)],
        keyId: 'K',
        node: 'n1',
        allowed: [],
        nowMs: 1000,
      },
    }).pushed[0]?.state;
  expect(become({ nodes: ['n1'] })).toBe('applied');
  expect(become({ nodes: ['n2'] })).toBe('not-for-this-node');
  expect(become({ nodes: ['n2'], roles: ['own'] })).toBe('applied');
  expect(become({ roles: ['sql-server'] })).toBe('not-for-this-node');
  expect(become({ expiresUnixMs: 1000 })).toBe('expired');
  expect(become({ withdrawn: true, text: '' })).toBe('withdrawn');
});
