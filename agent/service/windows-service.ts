import type { Log } from '../../logging/log.ts';
import type { events } from './definition.ts';
import type { Connection } from './dispatcher.ts';
import { failureText } from './failure-text.ts';
import { createServiceStatus } from './status.ts';

export interface ServiceEnvironment {
  /** `connectToServiceManager` for this service. */
  connect(onControl: (control: 'stop' | 'preshutdown') => void): Promise<Connection>;
  reportEvent(event: keyof typeof events, text: string): void;
  log: Log;
}

/** Longer than this a stop may not take; the service manager sees checkpoints meanwhile. */
const closeWithinMs = 15_000;

/**
 * Runs the agent as a Windows service, in this process, until the service manager stops it or Windows shuts down.
 *
 * START_PENDING with checkpoints while it starts; RUNNING when `start` has resolved, which is when it collects; a stop
 * or a shutdown that comes meanwhile is heeded as soon as it has. After `close` the status is STOPPED, and the process
 * is let go. Resolves with the exit code. What fails goes to the Application log with its reason, and with an exit
 * code other than 0, so that the manager starts the service again by its failure actions.
 */
export async function runWindowsService(
  start: () => Promise<{ about: string; close(): Promise<void> }>,
  { connect, reportEvent, log }: ServiceEnvironment,
): Promise<number> {
  const stop = Promise.withResolvers<string>();
  const connection = await connect((control) => stop.resolve(control === 'stop' ? 'a stop' : 'a shutdown of Windows'));
  const status = createServiceStatus(connection.setStatus);
  let exitCode = 0;
  status.pending('startPending');
  try {
    const running = await start();
    status.running();
    reportEvent('started', `The Sextant agent collects. ${running.about}`);
    const reason = await stop.promise;
    log.info({ reason }, 'the service stops');
    status.pending('stopPending');
    const flushed = await within(closeWithinMs, running.close());
    if (!flushed) exitCode = 1;
    reportEvent('stopped', `The Sextant agent was stopped by ${reason}${flushed ? '' : ', but did not end in time'}.`);
  } catch (error) {
    exitCode = 1;
    log.error({ err: error }, 'the service failed to start');
    reportEvent('startFailed', `The Sextant agent could not start: ${failureText(error)}`);
  }
  status.stopped(exitCode);
  await within(closeWithinMs, connection.ended);
  return exitCode;
}

async function within(timeMs: number, what: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), timeMs);
  });
  return Promise.race([what.then(() => true as const), late]).finally(() => clearTimeout(timer));
}
