import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeEntry } from '../../../../collector/journal/entry.ts';
import { journalFileName } from '../../../../collector/journal/file-name.ts';
import { walkRequest } from '../../../../collector/receive/walk.ts';
import { emptyOutline, joinOutlines, type Outline } from '../../../../collector/store/outline.ts';
import type { JournalFile } from '../../../../collector/store/store.ts';
import { telemetryTables } from '../../../../collector/store/tables.ts';
import { type Signal, signals } from '../../../../protocol/headers.ts';
import { count } from '../../../long.ts';
import { mark, openStore, testDayMs } from '../store/open-store.ts';
import { arbitraryRequest, mutatedRequest } from './arbitrary-requests.ts';

interface Accepted {
  request: Buffer;
  records: number;
  outline: Outline;
}

let site: Awaited<ReturnType<typeof openStore>>;
let lastNumber = 1000n;
beforeAll(async () => {
  // A time of up to 400 days ago is believed, and retention looks each minute: by this clock nothing is past yet.
  site = await openStore(() => testDayMs - 400 * 86_400_000);
});
afterAll(() => site.close());

function accepted(requests: Buffer[], signal: Signal): Accepted[] {
  return requests.flatMap((request) => {
    try {
      return [{ request, ...walkRequest(signal, request) }];
    } catch {
      return [];
    }
  });
}

/** A journal file whose entries carry their place in the list as sequence. */
function writeFile(signal: Signal, batches: Accepted[]): JournalFile {
  const name = journalFileName(signal, ++lastNumber);
  const path = join(site.folder, name);
  const entries = batches.flatMap(({ request }, at) => encodeEntry(request, { ...mark, sequence: BigInt(at + 1) }));
  writeFileSync(path, Buffer.concat(entries));
  return { name, path, signal, outline: batches.map(({ outline }) => outline).reduce(joinOutlines, emptyOutline) };
}

async function storedPerSequence(signal: Signal): Promise<Map<number, number>> {
  const stored = new Map<number, number>();
  for (const { name } of telemetryTables.filter((table) => table.signal === signal)) {
    const { rows } = await site.store.query<{ sequence: number; stored: number }>(
      `SELECT toUInt32(Sequence) AS sequence, toUInt32(count()) AS stored FROM ${name}
       WHERE JournalFile = {number:UInt64} GROUP BY sequence`,
      { parameters: { number: lastNumber.toString() } },
    );
    for (const row of rows) stored.set(row.sequence, (stored.get(row.sequence) ?? 0) + row.stored);
  }
  return stored;
}

test.each(signals)(
  'every %s request that passes the walk is read by the engine, record for record',
  { timeout: 300_000 },
  async (signal) => {
    const requests = [
      ...fc.sample(arbitraryRequest(signal), count(25, 3000)),
      ...fc.sample(mutatedRequest(signal), count(100, 12_000)),
    ];
    const batches = accepted(requests, signal);
    expect(batches.length).toBeGreaterThan(requests.length / 10);
    const file = writeFile(signal, batches);
    // A failure here is repeated by handing the one request that the engine names to the walk: it must refuse it.
    await site.store.insertJournalFile(file);
    const stored = await storedPerSequence(signal);
    const wrong = batches.filter(({ records }, at) => (stored.get(at + 1) ?? 0) !== records);
    expect(wrong.map(({ request }) => request.toString('hex'))).toEqual([]);
  },
);
