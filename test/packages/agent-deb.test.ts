import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { run, type Site, startSite, temporaryFolder } from '../e2e/running-site.ts';
import { long } from '../long.ts';

const checkout = join(import.meta.dirname, '../..');
const throwawayRoot = join(import.meta.dirname, 'throwaway-root.sh');
const { folder, remove } = temporaryFolder();
const given = join(folder, 'given');
/** Builds two packages, so in long runs only. Needs root, overlayfs and Debian's tools. */
const possible =
  long &&
  process.getuid?.() === 0 &&
  spawnSync('bash', [throwawayRoot, folder, 'sh', '-c', 'command -v dpkg systemd-sysusers python3 setpriv']).status ===
    0;
if (long && !possible)
  console.warn('SKIPPED: packages are tested as root, with overlayfs, dpkg, systemd, python3 and setpriv');
let site: Site | undefined;

beforeAll(async () => {
  if (!possible) return;
  mkdirSync(given);
  for (const version of ['0.0.1', '0.0.2']) {
    const script = join(checkout, 'scripts/build-deb.js');
    const built = await run([process.execPath, script, '--only', 'agent', '--version', version, '--out', given]);
    if (built.code !== 0) throw new Error(`the package could not be built:\n${built.stderr}`);
  }
  for (const name of ['notify-socket.py', 'agent-deb.sh'])
    copyFileSync(join(import.meta.dirname, name), join(given, name));
  site = await startSite(join(folder, 'data'));
}, 240_000);
afterAll(async () => {
  await site?.stop();
  remove();
});

test.runIf(possible)(
  'installs, enrols, runs under systemd’s protocol, upgrades and leaves nothing when purged',
  async () => {
    if (!site) throw new Error('there is no site');
    const token = await site.sextant('token', 'create', '--json');
    writeFileSync(join(given, 'token'), JSON.parse(token.stdout).token);
    const { code, stdout, stderr } = await run([
      ...['env', `COLLECTOR=${site.url}`, 'bash', throwawayRoot, given, '/tmp/given/agent-deb.sh'],
    ]);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const lines = stdout.split('\n').filter((line) => line.startsWith('== '));
    expect(lines.filter((line) => !line.startsWith('== status') && !line.startsWith('== files'))).toEqual([
      '== installed 0.0.1',
      '== user sextant-agent adm systemd-journal',
      '== enabled /lib/systemd/system/sextant-agent.service',
      '== verified',
      '== identity sextant-agent 600',
      '== stopped with 0',
      '== upgraded 0.0.2',
      '== identity kept',
      '== configuration kept',
      '== stopped with 0',
      '== left after remove: /etc/sextant/agent.yaml /var/lib/sextant-agent',
      '== left after purge:',
    ]);
    for (const part of ['first', 'second']) {
      const messages = readFileSync(join(given, `messages.${part}`), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      const states = messages.filter((message) => message !== 'WATCHDOG=1');
      expect(states).toEqual(['READY=1\nSTATUS=Collecting', expect.stringMatching(/^STOPPING=1\n/)]);
      expect(messages.length).toBeGreaterThan(states.length + 2);
    }
    await vi.waitFor(async () => {
      const { stdout: nodes } = (await site?.sextant('nodes', '--json')) ?? { stdout: '' };
      expect(nodes).toContain('packaged');
    }, 30_000);
  },
  240_000,
);
