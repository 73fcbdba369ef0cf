import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nodeOfBase, parseVolumeName } from '../../../../bundle/volume-name.ts';
import {
  createIncomingVolumes,
  type IncomingVolumes,
  type VolumeClaim,
} from '../../../../collector/bundles/incoming-volumes.ts';

const content = randomBytes(300_000);
const sha512 = createHash('sha512').update(content).digest('hex');
const claim: VolumeClaim = { node: 'n1', name: 'n1.v001.zip', sha512, bytes: content.length };

let folder: string;
let volumes: IncomingVolumes;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sextant-incoming-'));
  await mkdir(join(folder, 'data'));
  volumes = createIncomingVolumes(join(folder, 'incoming'), { minFreeBytes: 0 });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const body = (from: number, to?: number): Readable => Readable.from([content.subarray(from, to)]);
const breaking = (to: number): Readable =>
  Readable.from(
    (async function* () {
      yield content.subarray(0, to);
      throw new Error('the connection broke');
    })(),
  );
const code = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'none',
    (error) => error.code ?? error.message,
  );

test('goes on where a broken connection left off', async () => {
  expect(await volumes.state(claim)).toEqual({ offset: 0, complete: false });
  expect(await code(volumes.append(claim, 0, breaking(100_000)))).toBe('the connection broke');
  expect(await volumes.state(claim)).toEqual({ offset: 100_000, complete: false });
  expect(await code(volumes.append(claim, 0, body(0)))).toBe('SX_CONFLICT');
  expect(await volumes.append(claim, 100_000, body(100_000))).toEqual({ offset: content.length, complete: true });
  expect(volumes.isComplete('n1', [claim])).toBe(true);
  expect(await volumes.settle(join(folder, 'data'))).toEqual(
    new Map([['n1', [{ name: 'n1.v001.zip', bytes: content.length }]]]),
  );
  expect((await readFile(join(folder, 'data/n1.v001.zip'))).equals(content)).toBe(true);
  expect(await readdir(folder)).toEqual(['data']);
});

test('drops a copy whose checksum does not fit, and takes it again', async () => {
  const wrong = Buffer.from(content);
  wrong[5] = (wrong[5] ?? 0) ^ 1;
  expect(await code(volumes.append(claim, 0, Readable.from([wrong])))).toBe('SX_CHECKSUM');
  expect(await volumes.state(claim)).toEqual({ offset: 0, complete: false });
  expect((await volumes.append(claim, 0, body(0))).complete).toBe(true);
});

test('a node that gathered anew does not continue its earlier copy', async () => {
  await code(volumes.append(claim, 0, breaking(100_000)));
  expect(await volumes.state({ ...claim, sha512: 'ab'.repeat(64) })).toEqual({ offset: 0, complete: false });
});

test('names the volume after the node that proved itself, not after what it says', async () => {
  await volumes.append({ ...claim, node: 'n2', name: 'n1.v001.zip' }, 0, body(0));
  const settled = await volumes.settle(join(folder, 'data'));
  expect([...settled.keys()]).toEqual(['n2']);
  expect(await readdir(join(folder, 'data'))).toEqual(['n2.v001.zip']);
});

test('nodes that are called as other volumes are take nobody’s place', async () => {
  for (const node of ['telemetry', 'raw']) await volumes.append({ ...claim, node }, 0, body(0));
  await volumes.settle(join(folder, 'data'));
  const names = (await readdir(join(folder, 'data'))).sort();
  expect(names).toEqual(['raw~node.v001.zip', 'telemetry~node.v001.zip']);
  expect(names.map((name) => nodeOfBase(parseVolumeName(name)?.base ?? ''))).toEqual(['raw', 'telemetry']);
});

test.each([
  ['a path', { name: '../../x.v001.zip' }, 'SX_BAD_REQUEST'],
  ['another name', { name: 'index.html' }, 'SX_BAD_REQUEST'],
  ['number 0', { name: 'n1.v000.zip' }, 'SX_BAD_REQUEST'],
  ['number 999', { name: 'n1.v999.zip' }, 'SX_BAD_REQUEST'],
  ['no checksum', { sha512: '' }, 'SX_BAD_REQUEST'],
  ['3 GiB', { bytes: 3 * 2 ** 30 }, 'SX_TOO_LARGE'],
  ['no bytes', { bytes: 0 }, 'SX_TOO_LARGE'],
])('refuses a volume with %s', async (_, change, expected) => {
  expect(await code(volumes.append({ ...claim, ...change }, 0, body(0)))).toBe(expected);
  expect(await readdir(folder)).toEqual(['data']);
});

test('refuses more bytes than were announced, a second writer, and a full disk', async () => {
  expect(await code(volumes.append({ ...claim, bytes: 1000 }, 0, body(0)))).toBe('SX_TOO_LARGE');
  const gate = Promise.withResolvers<void>();
  const slow = Readable.from(
    (async function* () {
      await gate.promise;
      yield content;
    })(),
  );
  const first = volumes.append(claim, 0, slow);
  expect(await code(volumes.append(claim, 0, body(0)))).toBe('SX_CONFLICT');
  gate.resolve();
  expect((await first).complete).toBe(true);
  const full = createIncomingVolumes(join(folder, 'full'), { minFreeBytes: Number.MAX_SAFE_INTEGER });
  expect(await code(full.append(claim, 0, body(0)))).toBe('SX_DISK_FULL');
});

test('an unfinished copy is not in the bundle', async () => {
  await code(volumes.append(claim, 0, breaking(1000)));
  expect(await volumes.settle(join(folder, 'data'))).toEqual(new Map());
  expect(await readdir(join(folder, 'data'))).toEqual([]);
  expect(await code(volumes.append(claim, 1000, body(1000)))).toBe('SX_NOT_FOUND');
});

test('a raw volume is taken only when it was asked for, and only as an age file; those of all nodes are counted together', async () => {
  const asked = createIncomingVolumes(join(folder, 'incoming'), { minFreeBytes: 0, raw: true });
  const raw = (node: string, bytes: Buffer): [VolumeClaim, number, Readable] => {
    const hash = createHash('sha512').update(bytes).digest('hex');
    return [{ node, name: 'raw.v001.zip.age', sha512: hash, bytes: bytes.length }, 0, Readable.from([bytes])];
  };
  const sealed = Buffer.concat([Buffer.from('age-encryption.org/v1\n'), content]);
  expect(await code(volumes.append(...raw('n1', sealed)))).toBe('SX_BAD_REQUEST');
  expect(await code(asked.append(...raw('n1', content)))).toBe('SX_BAD_REQUEST');
  for (const node of ['n1', 'n2']) await asked.append(...raw(node, sealed));
  expect(asked.isComplete('n2', [raw('n2', sealed)[0]])).toBe(true);
  await asked.settle(join(folder, 'data'));
  expect((await readdir(join(folder, 'data'))).sort()).toEqual(['raw.v001.zip.age', 'raw.v002.zip.age']);
});
