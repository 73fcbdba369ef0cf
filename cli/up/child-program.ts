import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { environmentWith } from '../../config/environment.ts';
import { createLineCutter, lineForTerminal } from './child-output.ts';
import type { ChildRuntime } from './child-runtime.ts';
import type { RotatingFile } from './rotating-file.ts';

const program = fileURLToPath(new URL('../main.ts', import.meta.url));

/**
 * Starts `sextant ARGS` as a child with a channel to this process. What it logs goes to `log`; warnings, and whatever
 * it says that is no log, also to `warn`.
 */
export function forkProgram(
  { log, warn }: { log: RotatingFile; warn(line: string): void },
  options: { name: string; args: string[]; runtime: ChildRuntime },
): ChildProcess {
  const child = fork(program, options.args, {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    ...nodeOptions(options.runtime),
  });
  const lines = createLineCutter((line) => {
    log.write(`${line}\n`);
    const text = lineForTerminal(options.name, line);
    if (text !== undefined) warn(text);
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => lines.push(text));
  }
  child.once('close', () => lines.end());
  return child;
}

/**
 * Fills the compile cache of a runtime before the program is started for long: a process that had to strip types
 * itself keeps what that takes, some 12 MB, to its end. Best effort; resolves when it is over.
 */
export async function fillCompileCache(args: string[], runtime: ChildRuntime): Promise<void> {
  const child = fork(program, [...args, '--load-only'], { stdio: 'ignore', ...nodeOptions(runtime) });
  await Promise.race([once(child, 'exit'), once(child, 'error')]).catch(() => undefined);
}

const nodeOptions = ({ variables, nodeFlags }: ChildRuntime) => ({
  execArgv: [...process.execArgv, ...nodeFlags],
  env: environmentWith(variables),
});
