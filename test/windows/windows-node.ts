import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Wine } from './wine.ts';

const execute = promisify(execFile);

/** Builds the installer in two versions, with the Node that runs under Wine; gives the paths of both. */
export async function buildMsis(versions: [string, string], out: string): Promise<[string, string]> {
  const named = versions.flatMap((version) => ['--version', version]);
  await execute(process.execPath, ['scripts/build-msi.js', '--node', 'wine', '--out', out, ...named]);
  const place = (version: string) => join(out, `sextant-agent-${version}-x64.msi`);
  return [place(versions[0]), place(versions[1])];
}

export const installFolder = (wine: Wine): string => join(wine.driveC, 'Program Files', 'Sextant');
export const dataFolder = (wine: Wine): string => join(wine.driveC, 'ProgramData', 'Sextant');

/** `sextant agent service …` as it was installed. */
export function agentService(wine: Wine, ...args: string[]) {
  const folder = installFolder(wine);
  const script = 'C:\\Program Files\\Sextant\\sextant.js';
  return wine.start(join(folder, 'node.exe'), [script, 'agent', 'service', ...args], { timeoutMs: 120_000 }).ended;
}

/**
 * Linux processes that are the agent of this Windows: node.exe of its own C:.
 *
 * Where the agent starts a program, Wine forks twice, and until the fork has become that program it looks like the agent: who
 * wants to see one waits for one.
 */
export function agentProcesses(wine: Wine): number[] {
  const prefix = join(wine.driveC, '..');
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
        const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1');
        return environment.includes(`WINEPREFIX=${prefix}`) && /agent\0?.?service\0?.?run/.test(command);
      } catch {
        // Ended meanwhile.
        return false;
      }
    });
}
