import { fileURLToPath } from 'node:url';
import { agentProgram } from '../../scripts/agent-program.js';

/** How one of the programs is started: its file, and Node itself. */
export interface ChildRuntime {
  program: string;
  nodeFlags: string[];
  variables: Record<string, string>;
}

/** Queries of the storage engine and fsync share libuv's pool. */
export const collectorRuntime = (): ChildRuntime => ({
  program: fileURLToPath(new URL('../main.ts', import.meta.url)),
  nodeFlags: [],
  variables: { UV_THREADPOOL_SIZE: '16' },
});

export const agentRuntime = (): ChildRuntime => agentProgram();
