import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../bin/sextant.js', import.meta.url));

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
  ms: number;
}

/** A whole site on this machine, started as a user starts it: `sextant up` on a data folder of its own. */
export interface Site {
  readonly url: string;
  readonly signinLink: string;
  readonly process: ChildProcess;
  /** All that it has printed so far. */
  output(): string;
  /** Runs a command against this site. */
  sextant(...args: string[]): Promise<Finished>;
  /** Process ids, as the folder locks name them. */
  pid(part: 'up' | 'collector' | 'agent'): number;
  /** Sends a signal to the first process (or to all, as Ctrl+C does) and resolves when that one has ended. */
  stop(signal?: NodeJS.Signals, whom?: 'first' | 'group'): Promise<{ code: number | null; ms: number }>;
}

/** A fresh folder for data and other files of a test, and how to remove it. */
export function temporaryFolder(): { folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'sextant-e2e-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Whether a process with this id runs; one that has ended and waits for its parent to notice (state Z) does not. */
export function alive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** Runs `sextant ARGS` to its end; `within` are words to put in front, for example to enter a namespace. */
export const sextant = (args: string[], within: string[] = []): Promise<Finished> =>
  run([...within, process.execPath, program, ...args]);

/** Runs a program to its end. */
export async function run([command = '', ...args]: string[]): Promise<Finished> {
  const startedMs = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close').then(([exitCode]) => exitCode as number | null),
  ]);
  return { code, stdout, stderr, ms: performance.now() - startedMs };
}

interface SiteOptions {
  /** More arguments for `sextant up`. */
  args?: string[];
  /** Words to put in front of it. */
  start?: string[];
  /** Words to put in front of every command against it. */
  enter?(pid: number): string[];
}

/** Starts a site and resolves when it says that it is ready; rejects with what it printed when it ends before. */
export async function startSite(dataDir: string, options: SiteOptions = {}): Promise<Site> {
  const { args = [], start = [], enter = () => [] } = options;
  const call = [...start, process.execPath, program, 'up', '--data-dir', dataDir, '--port', '0', ...args];
  // A group of its own, so that a test can press Ctrl+C as a terminal does.
  const child = spawn(call[0] ?? '', call.slice(1), { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let output = '';
  const ready = Promise.withResolvers<string>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
      const address = /Sextant is ready: (https:\S+)/.exec(output)?.[1];
      if (address && /#signin=\S+\s/.test(output)) ready.resolve(address);
    });
  }
  child.once('close', (code) => ready.reject(new Error(`sextant up ended with ${code}:\n${output}`)));
  const url = await ready.promise;

  return {
    url,
    signinLink: /https:\S+#signin=\S+/.exec(output)?.[0] ?? '',
    process: child,
    output: () => output,
    sextant: (...rest) => sextant([...rest, '--data-dir', dataDir], enter(child.pid ?? 0)),
    pid: (part) => JSON.parse(readFileSync(join(dataDir, part, 'holder.json'), 'utf8')).pid,
    async stop(signal = 'SIGTERM', whom = 'first') {
      const stopMs = performance.now();
      if (child.exitCode === null && child.signalCode === null) {
        const closed = once(child, 'close');
        if (whom === 'group') process.kill(-(child.pid ?? 0), signal);
        else child.kill(signal);
        await closed;
      }
      return { code: child.exitCode, ms: performance.now() - stopMs };
    },
  };
}

async function text(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
