import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { connectToServiceManager } from '../../../cli/service-manager.ts';

const listener = join(import.meta.dirname, '../../packages/notify-socket.py');
const folder = mkdtempSync(join(tmpdir(), 'sx-notify-'));
const possible = process.platform === 'linux' && spawnSync('python3', ['--version']).status === 0;
if (!possible) console.warn('SKIPPED: the protocol of systemd is tested on Linux with python3');

afterEach(() => vi.unstubAllEnvs());
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('does nothing where no service manager started it', async () => {
  vi.stubEnv('NOTIFY_SOCKET', '');
  expect(await connectToServiceManager()).toBeUndefined();
});

test.runIf(possible)('says when it is ready and stopping, and feeds the watchdog in between', async () => {
  const path = join(folder, 'notify');
  const manager = spawn('python3', [listener, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  let heard = '';
  manager.stdout.setEncoding('utf8').on('data', (text: string) => {
    heard += text;
  });
  const messages = () => heard.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as string]));
  try {
    await vi.waitFor(() => expect(existsSync(path)).toBe(true), 20_000);
    vi.stubEnv('NOTIFY_SOCKET', path);
    vi.stubEnv('WATCHDOG_USEC', '40000');
    const service = await connectToServiceManager();
    service?.ready('Collecting');
    await vi.waitFor(
      () => expect(messages().filter((text) => text === 'WATCHDOG=1').length).toBeGreaterThan(2),
      20_000,
    );
    service?.stopping();
    service?.close();
    await vi.waitFor(() => expect(messages().at(-1)).toMatch(/^STOPPING=1\n/), 20_000);
    expect(messages()).toContain('READY=1\nSTATUS=Collecting');
  } finally {
    manager.kill();
    await once(manager, 'close');
  }
});
