import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { VolumeWriter } from '../../../../bundle/volume-writer.ts';
import { createParquetCopies, type ParquetCopies } from '../../../../collector/bundles/parquet/parquet-copies.ts';
import { createServerEngine } from '../../../../collector/store/server/server-engine.ts';
import type { LocalEngine } from '../../../../collector/store/store.ts';

// Where storage is on a server the engine of this process has no data: what it is given lies in files.
const folder = mkdtempSync(join(tmpdir(), 'sextant-copy-'));
const scratch = join(folder, 'scratch');
const target = { url: 'https://127.0.0.1:1', database: 'x', user: 'x', password: '', cluster: '' };
let client: ReturnType<ReturnType<typeof createServerEngine>['openLocal']>;
let engine: LocalEngine;
let copies: ParquetCopies;
const failures: unknown[] = [];
beforeAll(() => {
  client = createServerEngine(target as Parameters<typeof createServerEngine>[0]).openLocal();
  engine = {
    command: async (query, query_params) => void (await client.command({ query, query_params })),
    rows: async (query, query_params) => (await client.query({ query, query_params, format: 'JSONEachRow' })).json(),
  };
  const options = { scratch, minFreeBytes: 0, signal: new AbortController().signal };
  copies = createParquetCopies(
    { engine, freeBytes: async () => 2 ** 40, onFailed: (error) => failures.push(error) },
    options,
  );
});
afterAll(async () => {
  await copies.close();
  await client.close();
  rmSync(folder, { recursive: true });
});

const sample = (value: string, more = ''): string =>
  `{"timestamp":"2026-11-20T08:00:00.000000001Z","node":"n","name":"m","kind":"gauge","value":${value},"unit":"","attributes":{}${more}}`;

/** The outcome of copying these lines, and what the volume was given. */
async function copied(lines: readonly string[]) {
  const given: { path: string; content: Buffer; wholeBytes: number | undefined }[] = [];
  const writer: Pick<VolumeWriter, 'add'> = {
    add: async ({ path, wholeBytes }, content) => {
      const chunks: Buffer[] = [];
      for await (const chunk of content) chunks.push(chunk);
      given.push({ path, content: Buffer.concat(chunks), wholeBytes });
      return { parts: [], bytes: given.at(-1)?.content.length ?? 0 };
    },
  };
  const copy = copies.begin({ kind: 'metrics', path: 'metrics/n', modifiedMs: 0 });
  let passed = '';
  const content = async function* () {
    for (const line of lines) yield Buffer.from(`${line}\n`);
  };
  for await (const chunk of copy.of(content())) passed += String(chunk);
  expect(passed).toBe(lines.map((line) => `${line}\n`).join(''));
  return { outcome: await copy.finish(writer as VolumeWriter), given };
}

test('lines become a file that asks for room as a whole', async () => {
  const { outcome, given } = await copied([sample('1'), sample('null'), sample('1e300')]);
  expect(outcome).toEqual({ state: 'ok', bytes: given[0]?.content.length, rows: 3, reason: null });
  expect(given).toMatchObject([{ path: 'parquet/metrics/n/0001.parquet', wholeBytes: outcome.bytes }]);
  expect(readdirSync(scratch)).toEqual([]);
});

test('long lines stand in small row groups, since a group stands in memory', async () => {
  const long = sample('1').replace('"unit":""', `"unit":"${'x'.repeat(2 ** 20)}"`);
  const { outcome, given } = await copied(Array.from({ length: 16 }, () => long));
  expect(outcome).toMatchObject({ state: 'ok', rows: 16 });
  writeFileSync(join(folder, 'long.parquet'), given[0]?.content ?? '');
  const [found] = await engine.rows<{ most: number }>(
    "SELECT toUInt32(arrayMax(arrayMap(group -> group.num_rows, row_groups))) AS most FROM file({path:String}, 'ParquetMetadata')",
    { path: join(folder, 'long.parquet') },
  );
  expect(found?.most).toBeLessThanOrEqual(12);
});

test('no lines become no file', async () => {
  expect(await copied([])).toEqual({ outcome: { state: 'ok', bytes: 0, rows: 0, reason: null }, given: [] });
});

test('a mark in place of what could not be redacted is passed over, and told', async () => {
  const { outcome } = await copied([sample('1'), '[sextant: left out: 1048576 bytes of a line]', sample('2')]);
  expect(outcome).toMatchObject({ state: 'partial', rows: 2, reason: expect.stringMatching(/^1 lines, too long/) });
});

test.each([
  ['a mask where a number was', sample('"[masked:high-entropy:0badcafe]"')],
  ['a field that no column takes', sample('1', ',"more":"text"')],
  ['a field twice', sample('1', ',"node":"other"')],
  ['a time that is none', sample('1').replace('2026-11', 'xxxx-11')],
  ['a cut line', sample('1').slice(0, -9)],
])('%s makes no file', async (_, line) => {
  const { outcome, given } = await copied([sample('1'), line, sample('2')]);
  // Nothing of the line: coverage lies in the open.
  const reason = expect.stringMatching(
    /^no Parquet was made of it, .*: the engine cannot write or read it \([A-Z_]+\)$/,
  );
  expect(outcome).toMatchObject({ state: 'failed', bytes: 0, reason });
  expect(given).toEqual([]);
  expect(readdirSync(scratch)).toEqual([]);
});

test('lines that end with an error leave nothing, and the error is passed on', async () => {
  const copy = copies.begin({ kind: 'metrics', path: 'metrics/n', modifiedMs: 0 });
  const content = async function* () {
    yield Buffer.from(`${sample('1')}\n`);
    throw new Error('a secret was found');
  };
  await expect(async () => {
    for await (const _ of copy.of(content()));
  }).rejects.toThrow('a secret was found');
  expect(readdirSync(scratch)).toEqual([]);
});
