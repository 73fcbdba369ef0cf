import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import type { AgentSnapshot } from '../../../agent/status/snapshot.ts';
import { askStatus, statusPath } from '../../../agent/status/status-socket.ts';
import { findChild } from './processes.ts';

/** A whole installation as a person would start it. */
export interface Site {
  dataDir: string;
  agentPid: number;
  /** What the agent says of itself over its own socket; undefined while it does not answer. */
  agentStatus(): Promise<AgentSnapshot | undefined>;
  /** Kills the agent and resolves, when the supervisor has started another, with its process id. */
  restartAgent(): Promise<number>;
  /** Log records stored whose body holds this word. */
  countLogs(word: string): Promise<number>;
  close(): Promise<void>;
}

/** Runs `sextant up` on a data folder of its own; resolves when it says that it is ready. */
export async function startSite(folder: string, follow: string, port: number): Promise<Site> {
  const dataDir = join(folder, 'data');
  const program = join(import.meta.dirname, '../../../cli/main.ts');
  const up = spawn(
    process.execPath,
    [program, 'up', '--data-dir', dataDir, '--port', String(port), '--follow', follow],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = new Promise<void>((resolve) => up.once('close', () => resolve()));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      up.kill('SIGTERM');
      void ended.then(() => process.exit(1));
    });
  }
  await new Promise<void>((resolve, reject) => {
    up.once('close', (code) => reject(new Error(`sextant up ended with code ${code}`)));
    let text = '';
    up.stdout.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      if (text.includes('Sextant is ready')) resolve();
    });
  });
  const agentPid = findChild(up.pid ?? 0, ' agent run');
  if (agentPid === undefined) throw new Error('there is no agent process');
  const endpoint = JSON.parse(readFileSync(join(dataDir, 'collector/endpoint.json'), 'utf8'));
  const dispatcher = new Agent({ connect: { ca: readFileSync(endpoint.caFile, 'utf8') } });

  return {
    dataDir,
    agentPid,
    agentStatus: async () => (await askStatus(statusPath(dataDir)).catch(() => undefined)) as AgentSnapshot | undefined,
    async restartAgent() {
      process.kill(agentPid, 'SIGKILL');
      for (;;) {
        const pid = findChild(up.pid ?? 0, ' agent run');
        if (pid !== undefined && pid !== agentPid) return pid;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    async countLogs(word) {
      const { statusCode, body } = await request(
        `${endpoint.url}/api/v1/logs/histogram?since=1h&buckets=1&grep=${encodeURIComponent(word)}`,
        { dispatcher, headers: { authorization: `Bearer ${endpoint.token}` } },
      );
      const answer = (await body.json()) as { buckets?: { counts: Record<string, number> }[] };
      if (statusCode !== 200 || !answer.buckets) throw new Error(`the collector answered ${JSON.stringify(answer)}`);
      return answer.buckets.flatMap(({ counts }) => Object.values(counts)).reduce((sum, count) => sum + count, 0);
    },
    async close() {
      up.kill('SIGTERM');
      await ended;
      await dispatcher.close();
    },
  };
}
