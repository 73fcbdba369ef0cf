import { join } from 'node:path';

/** How Node itself is started for one of the programs. */
export interface ChildRuntime {
  variables: Record<string, string>;
  nodeFlags: string[];
}

/** Queries of the storage engine and fsync share libuv's pool. */
export const collectorRuntime: ChildRuntime = { variables: { UV_THREADPOOL_SIZE: '16' }, nodeFlags: [] };

/**
 * The agent is a guest on its host: its runtime is started for little memory.
 *
 * Resident at rest, measured 2026-11-20: 158 MB as Node comes; 110 MB with the compile cache (the TypeScript stripper
 * is then never loaded); 106 MB with one malloc arena as well; 97 MB with small young generations as well.
 * `--expose-gc` is for agent/heap-return.ts.
 */
export function agentRuntime(dataDir: string): ChildRuntime {
  return {
    variables: {
      UV_THREADPOOL_SIZE: '4',
      MALLOC_ARENA_MAX: '1',
      NODE_COMPILE_CACHE: join(dataDir, 'agent', 'compile-cache'),
    },
    nodeFlags: ['--max-semi-space-size=1', '--expose-gc'],
  };
}
