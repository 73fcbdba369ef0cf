import { join } from 'node:path';
import { openRotatingFile, type RotatingFile } from '../../logging/rotating-file.ts';
import { stopRequest } from '../service.ts';
import type { UpOptions } from '../up.ts';
import { forkProgram } from './child-program.ts';
import { agentRuntime, type ChildRuntime, collectorRuntime } from './child-runtime.ts';
import { localCollector } from './local-collector.ts';
import { type Preflight, preflight } from './preflight.ts';
import { readyMessage } from './ready-message.ts';
import { ChildFailure, createSupervisedChild, type SupervisedChild } from './supervised-child.ts';
import { enrolThisMachine } from './this-machine.ts';
import { waitForData } from './wait-for-data.ts';

const MiB = 1024 * 1024;

const patience = {
  firstBackoffMs: 250,
  maxBackoffMs: 10_000,
  forgiveAfterMs: 30_000,
  startAttempts: 5,
  // Two children one after the other, and the whole in under 10 s.
  stopWithinMs: 4500,
};

/**
 * Runs collector and agent of this machine until stopped; resolves with the exit code.
 * Throws before anything has been written when the call or its surroundings are wrong.
 */
export async function up(options: UpOptions): Promise<number> {
  const ready = await preflight(options);
  const stop = stopRequest(false);
  keepRunningUnread();
  const stopped = new AbortController();
  // While everything stops, each part misses the others; nobody needs to read that.
  const warn = (line: string): void => void (stopped.signal.aborted || process.stderr.write(`${line}\n`));
  // Known once the collector answers; the port may have changed since this machine was enrolled.
  const address = { url: '' };
  const children = createChildren(options, ready, { address, warn });
  const { collector, agent } = children;
  void stop.then(() => {
    stopped.abort();
    killOnSecondSignal([agent, collector]);
  });
  try {
    const running = bringUp(options, ready, children, { address, signal: stopped.signal }).then(() =>
      Promise.race([collector.ended, agent.ended]),
    );
    const exitCode = await Promise.race([running, stop.then(() => 0)]);
    if (exitCode === 0) say('Stopping …');
    return exitCode;
  } catch (error) {
    // The child has said itself why.
    if (error instanceof ChildFailure) return error.exitCode;
    throw error;
  } finally {
    stopped.abort();
    for (const child of [agent, collector]) child.retire();
    // The agent first: what it still holds can then reach the collector.
    await agent.stop();
    await collector.stop();
    children.close();
    ready.lock.close();
    if (process.connected) process.disconnect();
  }
}

interface Children {
  collector: SupervisedChild;
  agent: SupervisedChild;
  close(): void;
}

function createChildren(
  options: UpOptions,
  { port }: Preflight,
  { address, warn }: { address: { url: string }; warn(line: string): void },
): Children {
  const shared = [
    '--data-dir',
    options.dataDir,
    '--supervised',
    ...(options.config ? ['--config', options.config] : []),
  ];
  const follow = options.follow.flatMap((glob) => ['--follow', glob]);
  const logs: RotatingFile[] = [];
  const create = (name: string, args: () => string[], runtime: () => ChildRuntime): SupervisedChild => {
    const log = openRotatingFile(join(options.dataDir, 'logs', `${name}.log`), { maxBytes: 8 * MiB, keep: 3 });
    logs.push(log);
    return createSupervisedChild(
      {
        fork: () => forkProgram({ log, warn }, { name, args: [...args(), ...shared], runtime: runtime() }),
        say,
        nowMs: Date.now,
      },
      { name: `the ${name}`, ...patience },
    );
  };
  return {
    collector: create(
      'collector',
      () => ['collector', 'run', '--port', String(port), ...(options.otlpLoopback ? ['--otlp-loopback'] : [])],
      collectorRuntime,
    ),
    agent: create('agent', () => ['agent', 'run', '--collector', address.url, ...follow], agentRuntime),
    close: () => {
      for (const log of logs) log.close();
    },
  };
}

async function bringUp(
  { dataDir }: UpOptions,
  { settings }: Preflight,
  { collector, agent }: Children,
  { address, signal }: { address: { url: string }; signal: AbortSignal },
): Promise<void> {
  say(`Data folder: ${dataDir}`);
  say('Starting the collector …');
  const { url } = (await collector.start()) as { url: string };
  address.url = url;
  const sinceMs = Date.now();
  const local = localCollector(dataDir);
  const node = await enrolThisMachine(
    { createToken: () => local.createToken('enroll'), say },
    { dataDir, collectorUrl: url, name: settings['agent.node'] },
  );
  say('Starting the agent …');
  await agent.start();
  say('Waiting for the first data of this machine …');
  await waitForData(
    { hasData: () => local.hasMetrics(node, sinceMs), say, nowMs: Date.now },
    { pollEveryMs: 100, remindEveryMs: 15_000, signal },
  );
  if (!signal.aborted) say(readyMessage({ dataDir, url, signinToken: await local.createToken('signin') }));
}

/** What is told goes to nobody when the reader of a pipe has left; what runs must not end for that. */
function keepRunningUnread(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.removeAllListeners('error').on('error', () => undefined);
}

function killOnSecondSignal(children: SupervisedChild[]): void {
  // The terminal and npm each pass the same Ctrl+C on; only a later one is a second one.
  setTimeout(() => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        for (const child of children) child.kill();
        process.exit(1);
      });
    }
  }, 1000).unref();
}

const say = (text: string): void => void process.stdout.write(`${text}\n`);
