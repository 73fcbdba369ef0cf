import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { enroll } from '../../../agent/identity/enroll.ts';
import { localCollector } from '../../../cli/up/local-collector.ts';
import { agentProgram } from '../../../scripts/agent-program.js';

/** An agent as a node has it. */
export interface NodeAgent {
  pid: number;
  close(): Promise<void>;
}

/**
 * Enrols another node at the collector of `site`, the data folder of a `sextant up`, and starts its agent for the first time.
 * It runs from a copy of Node of its own, as its package brings one: nobody else has those pages mapped, and its
 * proportional size is what the node would win without it.
 */
export async function startNodeAgent(folder: string, site: string, follow: string): Promise<NodeAgent> {
  const dataDir = join(folder, 'node-data');
  mkdirSync(dataDir);
  const node = join(folder, 'node');
  copyFileSync(process.execPath, node);
  const { url } = JSON.parse(readFileSync(join(site, 'collector/endpoint.json'), 'utf8'));
  await enroll({
    dataDir,
    collectorUrl: url,
    token: await localCollector(site).createToken('enroll'),
    node: 'bench-node',
  });
  const { program, nodeFlags, variables } = agentProgram();
  const agent = spawn(
    node,
    [
      '--disable-warning=ExperimentalWarning',
      ...nodeFlags,
      program,
      'agent',
      'run',
      '--data-dir',
      dataDir,
      '--follow',
      follow,
    ],
    { stdio: 'ignore', env: { ...process.env, ...variables } },
  );
  const ended = once(agent, 'close');
  await once(agent, 'spawn');
  return {
    pid: agent.pid as number,
    async close() {
      agent.kill('SIGTERM');
      await ended;
    },
  };
}
