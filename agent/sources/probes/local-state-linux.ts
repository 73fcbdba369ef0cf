import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { findProgram } from '../../programs/find-program.ts';
import type { ProgramQueue } from '../../programs/program-queue.ts';
import type { LocalState } from './local-state.ts';

const limits = { timeoutMs: 20_000, maxBytes: 256 * 1024 };
/** The kernel's own name of a process is cut after so many characters. */
const commLength = 15;

/** systemd and /proc. */
export function createLinuxState(
  programs: ProgramQueue,
  options: { procRoot?: string; systemctl?: string } = {},
): LocalState {
  const procRoot = options.procRoot ?? '/proc';
  return {
    async services(names, signal) {
      const systemctl = options.systemctl ?? findProgram('systemctl');
      if (systemctl === undefined) return undefined;
      const command = [systemctl, 'show', '--property=Names,LoadState,ActiveState', '--', ...names];
      const answer = await programs.ask(command, { ...limits, signal });
      if (/not been booted with systemd|failed to connect to bus/i.test(answer.errorText)) return undefined;
      return parseUnits(answer.text, names);
    },
    async processes(names) {
      const counts = new Map(names.map((name) => [name, 0]));
      for (const entry of await readdir(procRoot)) {
        if (!/^\d+$/.test(entry)) continue;
        for (const name of await namesOf(`${procRoot}/${entry}`)) {
          const count = counts.get(name);
          if (count !== undefined) counts.set(name, count + 1);
        }
      }
      return counts;
    },
    certificates: async () => undefined,
  };
}

/** States of the blocks of `systemctl show`, which come in the order of the names, with an empty line between. */
export function parseUnits(text: string, names: readonly string[]): Map<string, string> {
  const blocks = text.trim().split(/\n\n+/);
  return new Map(
    names.map((name, index) => {
      const block = blocks[index] ?? '';
      const value = (property: string) => new RegExp(`^${property}=(.*)$`, 'm').exec(block)?.[1];
      const active = value('ActiveState');
      if (value('LoadState') === 'not-found' || active === undefined) return [name, 'not_found'];
      return [name, active === 'active' ? 'running' : active];
    }),
  );
}

/** The kernel's name of a process and its program's; they differ for long names and for interpreters. */
async function namesOf(folder: string): Promise<Set<string>> {
  const [comm, commandLine] = await Promise.all(
    ['comm', 'cmdline'].map((file) => readFile(`${folder}/${file}`, 'utf8').catch(() => '')),
  );
  const short = comm?.trim() ?? '';
  const program = basename(commandLine?.split('\0', 1)[0] ?? '');
  return new Set(program.startsWith(short.slice(0, commLength)) && program !== '' ? [program] : [short, program]);
}
