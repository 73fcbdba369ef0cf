import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { wineEnvironment, wineServer } from './wine-programs.ts';

/**
 * Starts the server of a prefix, which keeps its services alive between programs. `stop` ends it and every program of
 * that prefix, and no other.
 */
export function startWineServer(prefix: string): { stop(): Promise<void> } {
  // In the foreground it is our child; after ten minutes with nothing to serve it ends, should we die before it.
  const server = spawn(wineServer, ['-f', '-p600'], { env: wineEnvironment(prefix), stdio: 'ignore' });
  const ended = once(server, 'exit');
  return {
    async stop() {
      // As `wineserver -k` does: its programs are ended, the registry is saved. SIGTERM would leave the programs behind.
      server.kill('SIGINT');
      await ended;
    },
  };
}
