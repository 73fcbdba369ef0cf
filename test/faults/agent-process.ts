import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import type { AgentSnapshot } from '../../agent/status/snapshot.ts';
import { askStatus, statusPath } from '../../agent/status/status-socket.ts';

const program = new URL('../../cli/main.ts', import.meta.url).pathname;
export const patient = { timeout: 90_000, interval: 50 };

/** `sextant agent run` as a process of its own. */
export interface AgentProcess {
  readonly process: ChildProcess;
  /** All that it has printed so far. */
  output(): string;
  /** Exit code, when it has ended. */
  readonly ended: Promise<number | null>;
  /** What it says of itself; undefined while it does not answer. */
  status(): Promise<AgentSnapshot | undefined>;
  stop(): Promise<void>;
}

/** A fresh folder that goes with the test. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sextant-agent-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Settings for a test's agent, and a profile that collects next to nothing by itself. */
export function configure(dataDir: string, settings = ''): void {
  mkdirSync(dataDir, { recursive: true });
  const profile = 'files: { follow: [] }\njournal: { enabled: false }\nhardware: { enabled: false }\n';
  writeFileSync(join(dataDir, 'profile.yaml'), profile);
  writeFileSync(join(dataDir, 'sextant.yaml'), `agent:\n  uplink: { maxBackoff: 1s }\n${settings}`);
}

/** Starts the agent; `program` is another one that runs it. */
export function runAgent(
  dataDir: string,
  options: { follow?: string; env?: Record<string, string>; program?: string } = {},
): AgentProcess {
  const follow = options.follow === undefined ? [] : ['--follow', options.follow];
  const call = options.program
    ? [options.program, dataDir]
    : [program, 'agent', 'run', '--data-dir', dataDir, ...follow];
  const child = spawn(process.execPath, call, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return {
    process: child,
    output: () => output,
    ended,
    status: async () => (await askStatus(statusPath(dataDir)).catch(() => undefined)) as AgentSnapshot | undefined,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Resolves when the agent's files source runs. */
export const collecting = (agent: AgentProcess): Promise<void> =>
  vi.waitFor(async () => {
    if (agent.process.exitCode !== null) throw new Error(`the agent has ended:\n${agent.output()}`);
    const state = (await agent.status())?.sources.find(({ name }) => name === 'files')?.state;
    if (state !== 'running') throw new Error(`files: ${state}\n${agent.output()}`);
  }, patient);

/** Numbers of the stored lines `PREFIX line N;`, in the order in which they came. */
export const numbersIn = (stored: readonly { text: string }[]): number[] =>
  stored.flatMap(({ text }) => [...text.matchAll(/numbered line (\d+);/g)].map((found) => Number(found[1])));

/** Text of the lines from one number to another. */
export const numberedLines = (from: number, to: number, filling = ''): string => {
  let text = '';
  for (let number = from; number <= to; number += 1) text += `numbered line ${number}; ${filling}\n`;
  return text;
};
