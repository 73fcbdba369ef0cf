import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

export interface SupervisedChild {
  /** Starts it and resolves with its first `ready` message; rejects when it ends for good before that. */
  start(): Promise<Record<string, unknown>>;
  /** Resolves with its exit code when it has ended for good after having been ready; never otherwise. */
  readonly ended: Promise<number>;
  /** From now on its end is expected, and it is not started again: the signal that stops everyone may reach it first. */
  retire(): void;
  /** Asks it to stop, kills it when it has not after `stopWithinMs`, resolves when it is gone. */
  stop(): Promise<void>;
  /** Ends it at once. */
  kill(): void;
}

interface Capabilities {
  /** Starts the program with an IPC channel. */
  fork(): ChildProcess;
  /** Tells a person what happened to it. */
  say(text: string): void;
  nowMs(): number;
}

interface Options {
  name: string;
  firstBackoffMs: number;
  maxBackoffMs: number;
  /** A child that has lived this long is forgiven its earlier ends. */
  forgiveAfterMs: number;
  /** How often it may end before its first `ready`. */
  startAttempts: number;
  stopWithinMs: number;
}

export class ChildFailure extends Error {
  readonly exitCode: number;
  constructor(name: string, exitCode: number) {
    super(`${name} could not be started`);
    this.exitCode = exitCode;
  }
}

/** Exit code of a child whose call or surroundings are wrong: another try would end the same way. */
const permanent = 2;

/** Keeps one program running: starts it again whenever it ends, with growing pauses, until it is stopped. */
export function createSupervisedChild(capabilities: Capabilities, options: Options): SupervisedChild {
  const { fork, say, nowMs } = capabilities;
  const stopping = new AbortController();
  const ended = Promise.withResolvers<number>();
  const ready = Promise.withResolvers<Record<string, unknown>>();
  let wasReady = false;
  let current: ChildProcess | undefined;
  let loop: Promise<void> = Promise.resolve();

  /** Runs it once; resolves when it has ended. */
  function runOnce(): Promise<{ code: number | null; signal: string | null }> {
    const child = fork();
    current = child;
    child.on('message', (message) => {
      const { type } = message as { type?: string };
      if (type !== 'ready') return;
      if (wasReady) say(`${options.name} is running again`);
      wasReady = true;
      ready.resolve(message as Record<string, unknown>);
    });
    return new Promise((resolve) => {
      child.once('error', () => resolve({ code: 1, signal: null }));
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
  }

  async function keepRunning(): Promise<void> {
    let backoffMs = options.firstBackoffMs;
    for (let attempt = 1; !stopping.signal.aborted; attempt++) {
      const startedMs = nowMs();
      const { code, signal } = await runOnce();
      current = undefined;
      if (stopping.signal.aborted) return;
      if (code === permanent || (!wasReady && attempt >= options.startAttempts)) {
        const exitCode = code || 1;
        if (wasReady) ended.resolve(exitCode);
        else ready.reject(new ChildFailure(options.name, exitCode));
        return;
      }
      if (nowMs() - startedMs >= options.forgiveAfterMs) backoffMs = options.firstBackoffMs;
      say(
        `${options.name} ended unexpectedly (${signal ?? `exit code ${code}`}); starting it again in ${backoffMs / 1000} s`,
      );
      await sleep(backoffMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      backoffMs = Math.min(backoffMs * 2, options.maxBackoffMs);
    }
  }

  return {
    start() {
      loop = keepRunning();
      return ready.promise;
    },
    ended: ended.promise,
    retire: () => stopping.abort(),
    async stop() {
      stopping.abort();
      const child = current;
      if (!child) return loop;
      // A channel that is closed already means that the child is on its way out.
      if (child.connected) child.send({ type: 'stop' }, () => undefined);
      const killTimer = setTimeout(() => {
        say(`${options.name} did not stop within ${options.stopWithinMs / 1000} s and is killed`);
        child.kill('SIGKILL');
      }, options.stopWithinMs);
      await loop;
      clearTimeout(killTimer);
    },
    kill() {
      stopping.abort();
      current?.kill('SIGKILL');
    },
  };
}
