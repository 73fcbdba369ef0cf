import { join } from 'node:path';
import { readTextFile } from '../../config/text-file.ts';
import { writeFileAtomic } from '../../durable/atomic-write.ts';
import type { Log } from '../../logging/log.ts';
import type { AgentSnapshot } from './snapshot.ts';
import { serveStatus, statusPath } from './status-socket.ts';

/** How old what is found on disk after a kill can be. */
const writeEveryMs = 60_000;
const maxSnapshotBytes = 8 * 1024 * 1024;
const fileOf = (dataDir: string): string => join(dataDir, 'agent', 'status.json');

/** Says how the agent is: on a local socket while it runs, in a file for when it does not. */
export function createStatus(
  { snapshot, log }: { snapshot(): AgentSnapshot; log: Log },
  options: { dataDir: string },
): { start(): Promise<void>; close(): void } {
  let timer: NodeJS.Timeout | undefined;
  let server: { close(): void } | undefined;

  function write(): void {
    try {
      writeFileAtomic(fileOf(options.dataDir), `${JSON.stringify(snapshot())}\n`);
    } catch (error) {
      log.debug({ err: error }, 'cannot write how the agent is');
    }
  }

  return {
    async start() {
      timer = setInterval(write, writeEveryMs).unref();
      try {
        server = await serveStatus(statusPath(options.dataDir), snapshot, log);
      } catch (error) {
        log.warn({ err: error }, '`sextant agent status` will not be answered');
      }
    },
    close() {
      clearInterval(timer);
      server?.close();
      write();
    },
  };
}

/** What the last agent of this folder wrote; undefined when there is nothing readable. */
export function lastSnapshot(dataDir: string): AgentSnapshot | undefined {
  try {
    return JSON.parse(readTextFile(fileOf(dataDir), maxSnapshotBytes)) as AgentSnapshot;
  } catch {
    return undefined;
  }
}
