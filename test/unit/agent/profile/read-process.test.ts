import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

const read = join(import.meta.dirname, '../../../../agent/profile/read.ts');
let folder: string;
let agent: ChildProcess | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sx-read-profile-'));
});
afterEach(() => {
  agent?.kill('SIGKILL');
  for (const pid of readers()) process.kill(pid, 'SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** Processes that read the profile of this folder. */
function readers(): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      if (!(pid > 0)) return false;
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return words.includes('read-profile.ts') && words.includes(folder);
      } catch {
        return false;
      }
    });
}

test.skipIf(process.platform !== 'linux')(
  'leaves no process that reads its profile when the agent ends',
  async () => {
    // A profile whose reading never ends.
    expect(spawnSync('mkfifo', [join(folder, 'profile.yaml')]).status).toBe(0);
    const code = `
      const { readProfile } = await import(${JSON.stringify(read)});
      process.on('SIGTERM', () => process.exit(0));
      await readProfile({ names: [], dataDir: ${JSON.stringify(folder)} });`;
    agent = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: 'ignore' });
    const ended = once(agent, 'close');
    await vi.waitFor(() => expect(readers()).toHaveLength(1), { timeout: 20_000, interval: 20 });
    agent.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    await vi.waitFor(() => expect(readers()).toEqual([]), { timeout: 20_000, interval: 20 });
  },
  60_000,
);
