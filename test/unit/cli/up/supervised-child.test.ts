import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ChildFailure, createSupervisedChild, type SupervisedChild } from '../../../../cli/up/supervised-child.ts';
import { patient } from '../../../patience.ts';

let folder: string;
let said: string[];
let children: ChildProcess[];
let supervised: SupervisedChild | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sextant-child-'));
  said = [];
  children = [];
});

afterEach(async () => {
  supervised?.kill();
  await supervised?.stop();
  supervised = undefined;
  rmSync(folder, { recursive: true, force: true });
});

/** Supervises a program that counts its starts in `starts` and then does what `body` says. */
function supervise(body: string, stopWithinMs = 20_000): SupervisedChild {
  const program = join(folder, 'program.mjs');
  writeFileSync(
    program,
    `import { appendFileSync, readFileSync } from 'node:fs';
     appendFileSync(${JSON.stringify(join(folder, 'starts'))}, 'x');
     const start = readFileSync(${JSON.stringify(join(folder, 'starts'))}, 'utf8').length;
     ${body}`,
  );
  supervised = createSupervisedChild(
    {
      fork: () => {
        const child = fork(program, [], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
        children.push(child);
        return child;
      },
      say: (text) => said.push(text),
      nowMs: Date.now,
    },
    {
      name: 'the program',
      firstBackoffMs: 10,
      maxBackoffMs: 40,
      forgiveAfterMs: 60_000,
      startAttempts: 3,
      stopWithinMs,
    },
  );
  return supervised;
}

const starts = (): number => readFileSync(join(folder, 'starts'), 'utf8').length;
const serve = `process.on('message', ({ type }) => type === 'stop' && process.exit(0)); process.send({ type: 'ready', start });`;

test('resolves with what the child says when it is ready', async () => {
  expect(await supervise(serve).start()).toEqual({ type: 'ready', start: 1 });
});

test('starts a child again that was killed, and says so', async () => {
  const child = supervise(serve);
  await child.start();
  children[0]?.kill('SIGKILL');
  await vi.waitFor(() => expect(said.at(-1)).toBe('the program is running again'), patient);
  expect(said[0]).toBe('the program ended unexpectedly (SIGKILL); starting it again in 0.01 s');
  expect(starts()).toBe(2);
});

test('does not start a child again that says its call is wrong', async () => {
  await expect(supervise('process.exit(2)').start()).rejects.toMatchObject(new ChildFailure('the program', 2));
  expect(starts()).toBe(1);
});

test('reports a child that can no longer be started', async () => {
  const child = supervise(`if (start > 1) process.exit(2); ${serve}`);
  await child.start();
  children[0]?.kill('SIGKILL');
  expect(await child.ended).toBe(2);
});

test('gives up on a child that never becomes ready', async () => {
  await expect(supervise('process.exit(7)').start()).rejects.toMatchObject({ exitCode: 7 });
  expect(starts()).toBe(3);
});

test('stops a child that listens, and leaves it stopped', async () => {
  const child = supervise(serve);
  await child.start();
  await child.stop();
  expect(children[0]?.exitCode).toBe(0);
  expect(starts()).toBe(1);
  expect(said).toEqual([]);
});

test('does not start a child again that ends by itself while everything stops', async () => {
  const child = supervise(serve);
  await child.start();
  child.retire();
  children[0]?.kill('SIGTERM');
  await once(children[0] as ChildProcess, 'exit');
  await child.stop();
  expect(starts()).toBe(1);
  expect(said).toEqual([]);
});

test('kills a child that does not stop in time', async () => {
  const child = supervise(`process.on('message', () => {}); process.send({ type: 'ready' });`, 400);
  await child.start();
  await child.stop();
  expect(children[0]?.signalCode).toBe('SIGKILL');
  expect(said).toEqual(['the program did not stop within 0.4 s and is killed']);
});
