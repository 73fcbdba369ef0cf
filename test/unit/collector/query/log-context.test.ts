import { afterAll, beforeAll, expect, test } from 'vitest';
import { readLogContext } from '../../../../collector/query/log-context.ts';
import { encodeCursor } from '../../../../collector/query/log-cursor.ts';
import { logFilter } from '../../../../collector/query/log-filter.ts';
import { readLogPage } from '../../../../collector/query/log-page.ts';
import { parseRange } from '../../../../collector/query/time-value.ts';
import { startEngine } from './engine.ts';

let engine: Awaited<ReturnType<typeof startEngine>>;
const range = parseRange('2026-11-18T00:00:00Z', '2026-11-21T00:00:00Z', 0);

const record = (Body: string, at: string, over: object = {}) => ({
  Timestamp: `2026-11-20 ${at}`,
  ReceivedAt: `2026-11-20 12:00:0${Math.floor(Number(Body.replace(/\D/g, '')) / 10)}`,
  Body,
  Node: 'n1',
  ServiceName: 'agent',
  ScopeName: 'files',
  Epoch: 'e1',
  Sequence: 1,
  LogAttributes: { 'log.file.path': '/var/log/a' },
  ...over,
});

beforeAll(async () => {
  engine = await startEngine();
  const two = (digit: number) => String(digit).padStart(2, '0');
  for (const batch of [0, 1, 2]) {
    const lines = Array.from({ length: 10 }, (_, i) => record(`line ${batch * 10 + i}`, `11:00:${two(i)}.${batch}`));
    // Around each line others arrive, from elsewhere.
    const noise = lines.flatMap((line) => [
      { ...line, Body: 'noise 1', Node: 'n2' },
      { ...line, Body: 'noise 2', ScopeName: 'journald' },
      { ...line, Body: 'noise 3', LogAttributes: { 'log.file.path': '/var/log/b' } },
    ]);
    await engine.insert('otel_logs', [...lines, ...noise]);
  }
  // A line that came in the same file, and whose own time is two days older.
  await engine.insert('otel_logs', [
    record('line 30', '', { Timestamp: '2026-11-18 11:00:00' }),
    record('line 31', '11:05:00'),
  ]);
});
afterAll(() => engine.close());

async function cursorOf(body: string): Promise<string> {
  const page = await readLogPage(engine.store, {
    range,
    filter: logFilter({ q: `"${body}"` }),
    order: 'asc',
    limit: 9,
  });
  const [only, ...more] = page.records.filter((row) => row.body === body);
  if (!only?.cursor || more.length > 0) throw new Error(`not one ${body}`);
  return only.cursor;
}
const context = async (body: string, before: number, after: number) => {
  const found = await readLogContext(engine.store, { cursor: await cursorOf(body), before, after });
  return [found.before.map((row) => row.body), found.record.body, found.after.map((row) => row.body)];
};

test('gives what arrived around a line in the same file of the same node, though it was mixed with others', async () => {
  expect(await context('line 15', 3, 2)).toEqual([
    ['line 12', 'line 13', 'line 14'],
    'line 15',
    ['line 16', 'line 17'],
  ]);
});

test('goes by arrival, not by the time that records tell', async () => {
  expect(await context('line 10', 2, 1)).toEqual([['line 8', 'line 9'], 'line 10', ['line 11']]);
  expect(await context('line 29', 1, 5)).toEqual([['line 28'], 'line 29', ['line 30', 'line 31']]);
  expect(await context('line 30', 2, 1)).toEqual([['line 28', 'line 29'], 'line 30', ['line 31']]);
});

test('ends where the file begins, and every neighbour has a cursor to go on with', async () => {
  expect(await context('line 1', 20, 0)).toEqual([['line 0'], 'line 1', []]);
  const { before } = await readLogContext(engine.store, { cursor: await cursorOf('line 5'), before: 1, after: 0 });
  expect(
    (await readLogContext(engine.store, { cursor: before[0]?.cursor ?? '', before: 1, after: 0 })).before[0]?.body,
  ).toBe('line 3');
});

test('says when the record is gone', async () => {
  const gone = encodeCursor({ unixNano: '1795172400500000000', block: '999', offset: '0' });
  await expect(readLogContext(engine.store, { cursor: gone, before: 1, after: 1 })).rejects.toMatchObject({
    code: 'SX_NOT_FOUND',
  });
  await expect(readLogContext(engine.store, { cursor: 'nonsense', before: 1, after: 1 })).rejects.toMatchObject({
    code: 'SX_BAD_REQUEST',
  });
});
