import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { verifyBundle } from '../../bundle/verify.ts';
import { count, long } from '../long.ts';
import { emitNumbered, openKeptNode } from '../unit/agent/ring/kept-node.ts';

const writer = fileURLToPath(new URL('node-bundle-writer.ts', import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'sextant-collect-kill-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

async function makeNode(name: string): Promise<{ dataDir: string; out: string }> {
  const dataDir = join(folder, name);
  const profile = join(folder, `${name}.yaml`);
  const items = ['a', 'b', 'c'].map((item) => `      - name: ${item}\n        command: [seq, "5000"]\n`).join('');
  await writeFile(
    profile,
    `name: ${name}\ndescription: x\nbundle:\n  system:\n    description: x\n    items:\n${items}`,
  );
  await mkdir(dataDir, { recursive: true });
  await writeFile(join(dataDir, 'sextant.yaml'), `agent: { node: ${name}, profile: [${profile}] }\n`);
  const node = await openKeptNode(join(dataDir, 'agent'));
  await emitNumbered(node, 0, 500);
  await node.acknowledge('logs');
  await node.close();
  return { dataDir, out: join(folder, `${name}-out`) };
}

/** Starts the writer; resolves when it has begun, with how long its bundles take. */
async function startWriter({ dataDir, out }: { dataDir: string; out: string }): Promise<ChildProcess> {
  const child = spawn(process.execPath, [writer, dataDir, out], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}

/** Every folder there either verifies or has a name that says that it is unfinished. */
async function check(out: string): Promise<{ whole: number; unfinished: number }> {
  const found = { whole: 0, unfinished: 0 };
  for (const name of await readdir(out).catch(() => [])) {
    const { ok } = await verifyBundle(join(out, name));
    expect(`${name} verifies: ${ok}`).toBe(`${name} verifies: ${!name.endsWith('.partial')}`);
    if (!ok) found.unfinished += 1;
    else {
      found.whole += 1;
      await rm(join(out, name), { recursive: true });
    }
  }
  return found;
}

/** Kills the writer at a random moment of a bundle, over and over. How long one takes is learnt first. */
async function killOver(times: number, name: string): Promise<{ whole: number; unfinished: number; most: number }> {
  const node = await makeNode(name);
  const sum = { whole: 0, unfinished: 0, most: 0 };
  let bundleMs = 0;
  for (let time = 0; time <= times; time++) {
    const child = await startWriter(node);
    const closed = once(child, 'close');
    if (time === 0) {
      const startedMs = performance.now();
      await once(child.stdout ?? child, 'data');
      bundleMs = performance.now() - startedMs;
    } else await new Promise((resolve) => setTimeout(resolve, bundleMs * 1.2 * Math.random()));
    child.kill('SIGKILL');
    await closed;
    const { whole, unfinished } = await check(node.out);
    sum.whole += whole;
    sum.unfinished += unfinished;
    sum.most = Math.max(sum.most, unfinished);
    if (time > 0 && time % 50 === 0) console.info(`${name}: ${time} kills, ${JSON.stringify(sum)}`);
  }
  const last = await startWriter(node);
  await once(last.stdout ?? last, 'data');
  last.kill('SIGKILL');
  await once(last, 'close');
  expect((await check(node.out)).whole).toBeGreaterThan(0);
  return sum;
}

test(
  'a node bundle whose writer is killed at any moment is whole or says that it is unfinished, and the next run cleans up',
  async () => {
    const lanes = long ? availableParallelism() : 1;
    const each = Math.ceil(count(2, 1000) / lanes);
    const sums = await Promise.all(Array.from({ length: lanes }, (_, lane) => killOver(each, `n${lane}`)));
    console.info(`killed ${each * lanes} runs:`, JSON.stringify(sums));
    // Each run removes what the one before it left: never more than one.
    for (const { most } of sums) expect(most).toBeLessThanOrEqual(1);
    if (long) for (const { unfinished } of sums) expect(unfinished).toBeGreaterThan(0);
  },
  long ? 4 * 3_600_000 : 120_000,
);
