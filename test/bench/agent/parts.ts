import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeIdentity } from '../../../agent/identity/identity.ts';
import type { AgentSnapshot } from '../../../agent/status/snapshot.ts';
import { askStatus, statusPath } from '../../../agent/status/status-socket.ts';
import { agentProgram } from '../../../scripts/agent-program.js';
import { createTestAuthority } from '../../unit/agent/uplink/test-authority.ts';
import { writeLines } from './flood.ts';
import { cpuSeconds, memoryBytes, queuedSeconds } from './processes.ts';
import { startReceiver } from './receiver.ts';

/** An answer costs the agent 4 to 8 ms of processor time, which is none of the lines': asked every 50 ms it was a tenth. */
const askEveryMs = 250;

export interface Part {
  seconds: number;
  cpuSeconds: number;
  /** Of the agent's first thread: ready to run, and others ran. */
  queuedSeconds: number;
}

export interface Parts {
  /** From the file to its own disk, nobody taking anything. */
  toSpool: Part;
  /** From there to the answers of a receiver that does nothing but store. */
  toAnswer: Part;
  /** Both at once. */
  together: Part;
  spooledBytesPerLine: number;
  peakResidentBytes: number;
}

/**
 * Times the agent's own way in two halves, and both at once, without the collector: on a machine of few cores the collector
 * sets the pace of the whole. `nodeFlags` are added to those that the agent is started with.
 */
export async function measureParts(folder: string, lines: number, nodeFlags: readonly string[] = []): Promise<Parts> {
  const logs = join(folder, 'parts');
  const dataDir = join(folder, 'parts-data');
  mkdirSync(logs);
  mkdirSync(dataDir);
  const authority = await createTestAuthority();
  const receiver = await startReceiver(authority, join(folder, 'received'));
  writeFileSync(join(dataDir, 'profile.yaml'), 'files: { follow: [] }\njournal: { enabled: false }\n');
  writeFileSync(join(dataDir, 'sextant.yaml'), 'agent: { spool: { maxBytes: 4GiB }, uplink: { maxBackoff: 1s } }\n');
  writeIdentity(dataDir, await authority.identity('bench', receiver.url));
  const { program, nodeFlags: ownFlags, variables } = agentProgram();
  const agent = spawn(
    process.execPath,
    [...ownFlags, ...nodeFlags, program, 'agent', 'run', '--data-dir', dataDir, '--follow', join(logs, '*.log')],
    { stdio: ['ignore', 'ignore', 'ignore'], env: { ...process.env, ...variables } },
  );
  const pid = agent.pid ?? 0;
  const ended = once(agent, 'close');
  let peakResidentBytes = 0;

  async function figures(): Promise<{ read: number; waiting: number; waitingBytes: number } | undefined> {
    const status = (await askStatus(statusPath(dataDir)).catch(() => undefined)) as AgentSnapshot | undefined;
    const files = status?.sources.find(({ name }) => name === 'files');
    if (!status || files?.state !== 'running') return undefined;
    peakResidentBytes = Math.max(peakResidentBytes, memoryBytes(pid).resident);
    const normal = status.spool.classes.find(({ priority }) => priority === 'normal');
    return { read: files.records, waiting: normal?.waitingRecords ?? 0, waitingBytes: normal?.waitingBytes ?? 0 };
  }

  async function until(isDone: (now: NonNullable<Awaited<ReturnType<typeof figures>>>) => boolean): Promise<void> {
    for (;;) {
      if (agent.exitCode !== null) throw new Error(`the agent ended with code ${agent.exitCode}`);
      const now = await figures();
      if (now && isDone(now)) return;
      await new Promise((resolve) => setTimeout(resolve, askEveryMs));
    }
  }

  async function timed(begin: () => void, isDone: Parameters<typeof until>[0]): Promise<Part> {
    const cpuBefore = cpuSeconds(pid);
    const queuedBefore = queuedSeconds(pid);
    const startedMs = performance.now();
    begin();
    await until(isDone);
    return {
      seconds: (performance.now() - startedMs) / 1000,
      cpuSeconds: cpuSeconds(pid) - cpuBefore,
      queuedSeconds: queuedSeconds(pid) - queuedBefore,
    };
  }

  try {
    await until(() => true);
    for (const name of ['first', 'second']) writeLines(join(logs, name), lines);
    const appear = (name: string) => renameSync(join(logs, name), join(logs, `${name}.log`));
    const toSpool = await timed(
      () => appear('first'),
      // The agent's own metrics wait beside them.
      ({ read, waiting }) => read >= lines && waiting >= lines,
    );
    const spooledBytesPerLine = ((await figures())?.waitingBytes ?? 0) / lines;
    const toAnswer = await timed(receiver.open, ({ waiting }) => waiting < 1000);
    const together = await timed(
      () => appear('second'),
      ({ read, waiting }) => read >= 2 * lines && waiting < 1000,
    );
    return { toSpool, toAnswer, together, spooledBytesPerLine, peakResidentBytes };
  } finally {
    agent.kill('SIGTERM');
    await ended;
    await receiver.close();
  }
}
