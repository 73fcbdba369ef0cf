import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { writeIdentity } from '../../../agent/identity/identity.ts';
import { startAgent } from '../../../agent/main.ts';
import { askStatus, statusPath } from '../../../agent/status/status-socket.ts';
import { printAgentStatus } from '../../../cli/agent-status.ts';
import { loadSettings } from '../../../config/load.ts';
import type { Settings } from '../../../config/settings.ts';
import { sextant } from '../cli/run-sextant.ts';
import { createTestAuthority, type TestAuthority } from './uplink/test-authority.ts';
import { createTestCollector, type TestCollector } from './uplink/test-collector.ts';
import { addTestControl, type TestControl } from './uplink/test-control.ts';

const log = pino({ level: 'silent' });
let authority: TestAuthority;
let collector: TestCollector;
let control: TestControl;
let dataDir: string;
let followed: string;
let agent: { close(): Promise<void> } | undefined;

beforeAll(async () => {
  authority = await createTestAuthority();
});
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'sextant-agent-'));
  collector = await createTestCollector(authority);
  control = addTestControl(collector, 60_000);
  mkdirSync(join(dataDir, 'logs'));
  followed = join(dataDir, 'logs', 'app.log');
  const profile = join(dataDir, 'profile.yaml');
  writeFileSync(
    profile,
    `name: test
description: only what the test writes
metrics: { enabled: true }
hardware: { enabled: false }
journal: { enabled: false }
files: { follow: [], exclude: [] }
bundle: {}
`,
  );
  writeFileSync(followed, '');
});
afterEach(async () => {
  await agent?.close();
  agent = undefined;
  await collector.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const start = async (more: Partial<Settings> = {}) => {
  agent = await startAgent({
    dataDir,
    log,
    settings: loadSettings({
      dataDir,
      overrides: {
        'agent.profile': [join(dataDir, 'profile.yaml')],
        'agent.files.follow': [followed],
        'agent.batch.maxAge': 20,
        // The process is the test's, with all that it takes.
        'agent.limits.memory': 8 * 2 ** 30,
        'agent.uplink.maxBackoff': 1000,
        ...more,
      },
    }),
  });
};
const stored = (stream: string) =>
  collector.stored
    .filter((batch) => batch.stream === stream)
    .map(({ text }) => text)
    .join('\n');
const patient = { timeout: 20_000, interval: 20 };

test('refuses to run on a node that is not enrolled, and lets go of the folder', async () => {
  await expect(start()).rejects.toMatchObject({ code: 'SX_CLIENT_CERTIFICATE' });
  writeIdentity(dataDir, await authority.identity('node-1', collector.url));
  await start();
});

test('delivers metrics and followed lines, says who it is, and goes on after a restart without repeating', async () => {
  writeIdentity(dataDir, await authority.identity('node-1', collector.url));
  await start();
  await vi.waitFor(() => expect(stored('metrics')).toContain('sextant.agent.spool.bytes'), patient);
  appendFileSync(followed, 'first line\n');
  await vi.waitFor(() => expect(stored('logs')).toContain('first line'), patient);
  await vi.waitFor(
    () => expect(control.messages.map(({ type }) => type)).toEqual(expect.arrayContaining(['hello', 'heartbeat'])),
    patient,
  );
  await agent?.close();
  appendFileSync(followed, 'second line\n');
  await start();
  await vi.waitFor(() => expect(stored('logs')).toContain('second line'), patient);
  expect(stored('logs').match(/first line/g)).toHaveLength(1);
});

test('measures how far its clock is from the collector’s and reports it', async () => {
  writeIdentity(dataDir, await authority.identity('node-1', collector.url));
  await start();
  await vi.waitFor(() => {
    const measured = control.messages.find((message) => message.type === 'heartbeat' && message.clockOffsetMs);
    expect(measured).toMatchObject({ clockOffsetMs: expect.closeTo(-60_000, -3) });
  }, patient);
});

test('connects again when the control stream breaks, and keeps what it collected while nobody answered', async () => {
  writeIdentity(dataDir, await authority.identity('node-1', collector.url));
  await start();
  await vi.waitFor(() => expect(control.messages.length).toBeGreaterThan(0), patient);
  collector.react = () => 'drop';
  control.messages.length = 0;
  control.cut();
  appendFileSync(followed, 'written meanwhile\n');
  await vi.waitFor(() => expect(control.messages[0]?.type).toBe('hello'), patient);
  collector.react = () => undefined;
  await vi.waitFor(() => expect(stored('logs')).toContain('written meanwhile'), patient);
});

test('a fault in its profile leaves what held before, and is told the collector, the log and whoever asks', async () => {
  writeIdentity(dataDir, await authority.identity('node-1', collector.url));
  const site = join(dataDir, 'profile.yaml');
  const sound = readFileSync(site, 'utf8');
  const other = join(dataDir, 'logs', 'other.log');
  writeFileSync(other, '');
  writeFileSync(site, sound.replace('follow: []', `follow: ["${other}"]`));
  await start();
  await agent?.close();

  control.messages.length = 0;
  writeFileSync(site, `${sound}journal: { enabled: tru }\n`);
  await start();
  appendFileSync(other, 'a line of the kept profile\n');
  await vi.waitFor(() => expect(stored('logs')).toContain('a line of the kept profile'), patient);
  await vi.waitFor(() => expect(stored('logs-critical')).toContain('sextant.agent.profile.fault'), patient);
  expect(stored('logs-critical')).toMatch(/profile\.yaml:8: /);
  await vi.waitFor(() => {
    const beat = control.messages.find((message) => message.type === 'heartbeat');
    expect(beat).toMatchObject({
      sources: expect.arrayContaining([
        expect.objectContaining({
          name: 'profile',
          state: 'failing',
          detail: expect.stringContaining('profile.yaml:8'),
        }),
      ]),
    });
  }, patient);
  const fault = expect.stringMatching(
    /profile\.yaml:8: [\s\S]*as it was last read without fault holds; correct the lines/,
  );
  expect(await askStatus(statusPath(dataDir))).toMatchObject({ profileFault: fault });
  expect(await printAgentStatus(dataDir, { json: false })).toBe(1);

  await agent?.close();
  control.messages.length = 0;
  writeFileSync(site, sound);
  await start();
  expect(await askStatus(statusPath(dataDir))).toMatchObject({ profileFault: null });
  expect(await printAgentStatus(dataDir, { json: false })).toBe(0);
  await vi.waitFor(() => {
    const beat = control.messages.find((message) => message.type === 'heartbeat');
    expect(beat?.type === 'heartbeat' && beat.sources.map(({ name }) => name)).not.toContain('profile');
  }, patient);
});

test('says which collector it speaks to, wherever it was enrolled', async () => {
  writeIdentity(dataDir, await authority.identity('node-1', 'https://127.0.0.1:1'));
  const status = async () => JSON.parse((await sextant(['agent', 'status', '--json', '--data-dir', dataDir])).out);
  expect((await status()).collector).toBe('https://127.0.0.1:1');
  await start({ 'agent.collector': collector.url });
  await vi.waitFor(
    async () => expect(await status()).toMatchObject({ collector: collector.url, told: 'now' }),
    patient,
  );
  const { out } = await sextant(['agent', 'status', '--data-dir', dataDir]);
  expect(out).toContain(`collector   ${collector.url}, `);
  await agent?.close();
  expect(await status(), 'what it dialled last').toMatchObject({ collector: collector.url, told: 'earlier' });
});
