import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { keptFile } from '../../../../agent/profile/fallback/kept-file.ts';
import type { ReadProfile } from '../../../../agent/profile/read.ts';

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

/** With it the reading of a profile never ends, as on a filesystem that does not answer. */
const hang = `if (process.argv[1]?.endsWith('read-profile.ts')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)`;
const neverReading = { ...process.env, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(hang)}` };

test.skipIf(process.platform !== 'linux')(
  'leaves no process that reads its profile when the agent ends',
  async () => {
    const code = `
      const { readProfile } = await import(${JSON.stringify(read)});
      process.on('SIGTERM', () => process.exit(0));
      await readProfile({ names: [], dataDir: ${JSON.stringify(folder)} });`;
    agent = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: 'ignore', env: neverReading });
    const ended = once(agent, 'close');
    await vi.waitFor(() => expect(readers()).toHaveLength(1), { timeout: 20_000, interval: 20 });
    agent.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    await vi.waitFor(() => expect(readers()).toEqual([]), { timeout: 20_000, interval: 20 });
  },
  60_000,
);

/** What an agent reads in a process of its own, which prints it. */
const readIn = (env: NodeJS.ProcessEnv, patienceMs: number): ReadProfile => {
  const code = `
    const { readProfile } = await import(${JSON.stringify(read)});
    const answer = await readProfile(
      { names: [${JSON.stringify(join(folder, 'named.yaml'))}], dataDir: ${JSON.stringify(folder)} },
      { patienceMs: ${patienceMs} });
    console.log(JSON.stringify(answer));`;
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', code], { env, encoding: 'utf8' }));
};

test.skipIf(process.platform !== 'linux')(
  'a profile on a filesystem that does not answer is a fault, and what was read before holds',
  async () => {
    const named = join(folder, 'named.yaml');
    writeFileSync(named, 'name: n\ndescription: d\nfiles: { follow: [/var/log/a.log] }\n');
    const { profile, local = '' } = readIn(process.env, 60_000);
    expect(profile.files.follow).toEqual(['/var/log/a.log']);

    const nothing = readIn(neverReading, 500);
    expect(nothing.profile.files.follow).toEqual([]);
    expect(nothing.fault?.text).toContain('the profile could not be read within 0.5 s: a filesystem does not answer');
    expect(nothing.fault?.text).toContain(`(${named}, profile.yaml in ${folder})`);

    mkdirSync(dirname(keptFile(folder)), { recursive: true });
    writeFileSync(keptFile(folder), local);
    const again = readIn(neverReading, 500);
    expect(again.profile).toEqual(profile);
    expect(again.fault?.instead).toBe('the profile as it was last read without fault holds');
    await vi.waitFor(() => expect(readers()).toEqual([]), { timeout: 20_000, interval: 20 });
  },
  60_000,
);
