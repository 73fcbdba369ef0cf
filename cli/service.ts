import process from 'node:process';
import { SextantError } from '../errors/sextant-error.ts';
import { connectToServiceManager } from './service-manager.ts';

/** What a long-running command does between start and stop. */
export interface Service {
  /** Sent to the supervisor, when there is one. */
  ready: object;
  /** One line for the service manager. */
  status: string;
  close(): Promise<void>;
}

/** Longer than this a stop may not take; the supervisor's own patience is a little longer. */
const closeWithinMs = 4300;

/**
 * Runs a service until it is told to stop, by SIGTERM, SIGINT, a `{type:'stop'}` message or the end of the process
 * that started it; tells systemd when it was the one. Under a supervisor SIGINT is ignored: the terminal sends it to
 * everyone, and the supervisor stops its children in order. `stopped` tells a start that it need not go on. Resolves when the service has closed.
 */
export async function runService(
  start: (stopped: AbortSignal) => Promise<Service>,
  options: { supervised: boolean },
): Promise<void> {
  const stop = stopRequest(options.supervised);
  const stopped = new AbortController();
  stop.then(() => stopped.abort());
  const manager = await connectToServiceManager();
  const service = await start(stopped.signal);
  manager?.ready(service.status);
  if (options.supervised) process.send?.({ type: 'ready', ...service.ready });
  await stop;
  manager?.stopping();
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new SextantError('SX_UNAVAILABLE', `did not stop within ${closeWithinMs} ms`)),
      closeWithinMs,
    );
  });
  await Promise.race([service.close(), tooLate]).finally(() => {
    clearTimeout(timer);
    manager?.close();
  });
}

/** Resolves when this process is asked to stop. */
export function stopRequest(supervised: boolean): Promise<string> {
  return new Promise((resolve) => {
    process.on('SIGTERM', () => resolve('SIGTERM'));
    process.on('SIGINT', () => {
      if (!supervised) resolve('SIGINT');
    });
    process.on('SIGHUP', () => resolve('SIGHUP'));
    // Ctrl+Break, the one signal of a Windows console that a group of processes can be sent.
    if (process.platform === 'win32') process.on('SIGBREAK', () => resolve('SIGBREAK'));
    if (process.connected) process.on('disconnect', () => resolve('the end of the process that started this one'));
    if (supervised) {
      process.on('message', (message) => {
        if ((message as { type?: string } | null)?.type === 'stop') resolve('the supervisor');
      });
    }
  });
}
