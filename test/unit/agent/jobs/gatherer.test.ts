import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createFileQuestions } from '../../../../agent/filesystems/file-questions.ts';
import { createGatherer } from '../../../../agent/jobs/gatherer.ts';
import type { CollectorClient } from '../../../../agent/uplink/client.ts';
import { createLog } from '../../../../logging/log.ts';
import type { AgentMessage, CollectorMessage, GatherRequest } from '../../../../protocol/control.ts';
import { emptyProfile } from '../sources/source-context.ts';

/** A gatherer, and a collector that takes its volumes as long as it does not hold them back. */
async function site(command: string[]) {
  const dataDir = await mkdtemp(join(tmpdir(), 'sextant-gatherer-'));
  const told: AgentMessage[] = [];
  const uploaded: { path: string; bytes: number }[] = [];
  let handler: ((message: CollectorMessage) => void) | undefined;
  const client = {
    request: async (path: string, { method, body }: Parameters<CollectorClient['request']>[1]) => {
      if (method === 'GET') return answer({ offset: 0, complete: false });
      const bytes = (await buffer(body as NodeJS.ReadableStream)).length;
      uploaded.push({ path, bytes });
      return answer({ offset: bytes, complete: true });
    },
  } as unknown as CollectorClient;
  const gatherer = createGatherer({
    questions: createFileQuestions({ most: 4 }),
    link: {
      send: (message) => told.push(message) > 0,
      onMessage: (added) => {
        handler = added;
        return () => {
          handler = undefined;
        };
      },
    },
    client,
    ...{ dataDir, node: 'n1', log: createLog('test', 'silent'), nowMs: Date.now },
    profile: () => ({ ...emptyProfile, bundle: { r: { description: '', items: [{ name: 'say', command }] } } }),
  });
  await gatherer.start();
  onTestFinished(async () => {
    await gatherer.close();
    await rm(dataDir, { recursive: true, force: true });
  });
  const ask = (attempt: number): void => {
    const window = { fromUnixMs: Date.now() - 3_600_000, untilUnixMs: Date.now(), roles: [], deadlineMs: 60_000 };
    const request: GatherRequest = { type: 'gather', bundleId: 'b1', attempt, ...window };
    handler?.(request);
  };
  const ends = () => told.flatMap((message) => (message.type === 'gather-done' ? [message] : []));
  return { ask, ends, uploaded, jobs: () => readdir(join(dataDir, 'agent', 'jobs')) };
}

const answer = (state: object) => ({ status: 200, headers: {}, body: Buffer.from(JSON.stringify(state)) });
const patient = { timeout: 20_000 };

test('a collector that asks again is told of the end again; one that begins anew gets everything again', async () => {
  const { ask, ends, uploaded, jobs } = await site(['echo', 'hello']);
  ask(1);
  await vi.waitFor(() => expect(ends()).toHaveLength(1), patient);
  ask(1);
  expect(ends()).toHaveLength(2);
  expect(uploaded).toHaveLength(1);

  ask(2);
  await vi.waitFor(() => expect(ends()).toHaveLength(3), patient);
  expect(ends().map(({ attempt, error, volumes }) => [attempt, error, volumes.length])).toEqual([
    [1, undefined, 1],
    [1, undefined, 1],
    [2, undefined, 1],
  ]);
  expect(uploaded).toHaveLength(2);
  await vi.waitFor(async () => expect(await jobs()).toEqual([]), patient);
});

test('a bundle that is begun anew ends what is under way for it, and nothing is told of that', async () => {
  const { ask, ends, uploaded } = await site(['sleep', '3']);
  ask(1);
  ask(2);
  await vi.waitFor(() => expect(ends().map(({ attempt }) => attempt)).toEqual([2]), patient);
  expect(ends()[0]).toMatchObject({ volumes: [{ name: expect.stringMatching(/\.v001\.zip$/) }] });
  expect(uploaded).toHaveLength(1);
});
