import { type ChildProcess, fork } from 'node:child_process';
import { environmentWith } from '../../config/environment.ts';
import type { RotatingFile } from '../../logging/rotating-file.ts';
import { createLineCutter, lineForTerminal } from './child-output.ts';
import type { ChildRuntime } from './child-runtime.ts';

/**
 * Starts `sextant ARGS` as a child with a channel to this process. What it logs goes to `log`; warnings, and whatever
 * it says that is no log, also to `warn`.
 */
export function forkProgram(
  { log, warn }: { log: RotatingFile; warn(line: string): void },
  options: { name: string; args: string[]; runtime: ChildRuntime },
): ChildProcess {
  const { program, nodeFlags, variables } = options.runtime;
  const child = fork(program, options.args, {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: [...process.execArgv, ...nodeFlags],
    env: environmentWith(variables),
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
