import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { extname, join } from 'node:path';

export interface Inventory {
  collectedUnixMs: number;
  facts: Record<string, unknown>;
}

/** Beside this file, among the sources as in the bundle, where both end in `.js`. */
const besideThis = join(import.meta.dirname, `ask${extname(import.meta.filename)}`);
/** Where all is one file, as in the package for Windows, the program asks itself. */
const ownProgram = existsSync(besideThis) ? [besideThis] : [import.meta.filename, 'agent', 'inventory'];
/** Far beyond what any machine has told; a bound for what a broken tool may print. */
const maxAnswerBytes = 4 * 1024 * 1024;

/**
 * Asks the machine what it is made of: slow facts, for once a day. Serial numbers are part of them.
 *
 * Plain JSON. Runs in a process of its own at low priority, because the library waits synchronously for the programs
 * it starts and is 10 MB that nobody needs for the rest of the day. What has no answer within `timeoutMs` is named in
 * `facts.missing`; never rejects.
 */
export async function collectInventory(
  options: { timeoutMs?: number; nowMs?: () => number; program?: string } = {},
): Promise<Inventory> {
  const nowMs = options.nowMs ?? Date.now;
  const program = options.program === undefined ? ownProgram : [options.program];
  const collectedUnixMs = nowMs();
  const facts: Record<string, unknown> = {};
  const missing: Record<string, string> = {};
  // A group of its own: at the deadline the programs that the library has started end as well.
  const grouped = process.platform !== 'win32';
  const child = spawn(process.execPath, program, {
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: grouped,
    windowsHide: true,
  });
  const stop = () => {
    try {
      if (child.pid === undefined) return;
      if (grouped) process.kill(-child.pid, 'SIGKILL');
      else child.kill();
    } catch {
      // It has ended.
    }
  };
  const deadline = setTimeout(stop, options.timeoutMs ?? 120_000);
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part;
    if (text.length > maxAnswerBytes) stop();
  });
  const ended = await new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) => resolve(code === 0 ? '' : `ended with ${code ?? signal}`));
    child.on('spawn', () => {
      try {
        setPriority(child.pid ?? 0, constants.priority.PRIORITY_LOW);
      } catch {
        // Not allowed everywhere; it is a courtesy.
      }
    });
  });
  clearTimeout(deadline);
  stop();
  for (const line of text.split('\n')) {
    const answer = parseAnswer(line);
    if (answer?.error !== undefined) missing[answer.name] = answer.error;
    else if (answer && answer.facts !== undefined) facts[answer.name] = answer.facts;
  }
  if (ended !== '') missing.rest = `the inventory ${ended}`;
  if (Object.keys(missing).length > 0) facts.missing = missing;
  return { collectedUnixMs, facts };
}

function parseAnswer(line: string): { name: string; facts?: unknown; error?: string } | undefined {
  try {
    return JSON.parse(line);
  } catch {
    // Cut in the middle at the deadline, or empty.
    return undefined;
  }
}
