import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { count } from '../long.ts';

type Kind = 'logs' | 'metrics';
interface Counts {
  logs: [number, number][];
  metrics: [number, number][];
  quarantined: number;
}
const recordsPerBatch = 20;
const kills = count(5, 50);

const until = <Message>(child: ChildProcess, isIt: (message: unknown) => message is Message): Promise<Message> =>
  new Promise((resolve, reject) => {
    child.on('message', (message) => isIt(message) && resolve(message));
    child.once('exit', (code) => reject(new Error(`the process ended with code ${code}`)));
  });
const isAnswer = (message: unknown): message is { acknowledged: Kind; sequence: number } =>
  typeof message === 'object' && message !== null && 'acknowledged' in message;
const isCounts = (message: unknown): message is Counts =>
  typeof message === 'object' && message !== null && 'quarantined' in message;

test(`stores every acknowledged batch once after ${kills} kills at any time`, {
  timeout: 60_000 + kills * 20_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sextant-kill-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const acknowledged: Record<Kind, number> = { logs: 0, metrics: 0 };

  // Files of a few batches are full before they are old: each is followed by one that was prepared.
  const closeAfterBytes = [8 * 1024 * 1024, 16 * 1024];
  const start = (run: number): ChildProcess => {
    // What was not acknowledged is sent again, as an agent does.
    const next = { logs: acknowledged.logs + 1, metrics: acknowledged.metrics + 1 };
    const parameters = [folder, JSON.stringify(next), String(closeAfterBytes[run % 2])];
    const child = fork(join(import.meta.dirname, 'collector', 'journal-process.ts'), parameters);
    onTestFinished(() => void child.kill('SIGKILL'));
    child.on('message', (message) => {
      if (isAnswer(message)) acknowledged[message.acknowledged] = message.sequence;
    });
    return child;
  };

  for (let kill = 0; kill < kills; kill++) {
    const child = start(kill);
    await until(child, isAnswer);
    await delay(Math.random() * 500);
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
  const last = start(kills);
  await until(last, isAnswer);
  const counted = until(last, isCounts);
  last.send('finish');
  const { logs, metrics, quarantined } = await counted;

  expect(quarantined).toBe(0);
  for (const [kind, stored] of Object.entries({ logs, metrics }) as [Kind, [number, number][]][]) {
    const rows = new Map(stored);
    const sequences = Array.from({ length: acknowledged[kind] }, (_, at) => at + 1);
    expect(acknowledged[kind]).toBeGreaterThan(kills);
    expect(sequences.filter((sequence) => rows.get(sequence) !== recordsPerBatch)).toEqual([]);
    expect(stored.filter(([, n]) => n !== recordsPerBatch)).toEqual([]);
  }
});
