import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { environmentWith } from '../../config/environment.ts';
import { createLineCutter, lineForTerminal } from './child-output.ts';
import type { RotatingFile } from './rotating-file.ts';

const program = fileURLToPath(new URL('../main.ts', import.meta.url));

/**
 * Starts `sextant ARGS` as a child with a channel to this process. What it logs goes to `log`; warnings, and whatever
 * it says that is no log, also to `warn`.
 */
export function forkProgram(
  { log, warn }: { log: RotatingFile; warn(line: string): void },
  options: { name: string; args: string[]; variables: Record<string, string>; nodeFlags: string[] },
): ChildProcess {
  const child = fork(program, options.args, {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: [...process.execArgv, ...options.nodeFlags],
    env: environmentWith(options.variables),
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
