import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { encodeEntry } from '../../../../collector/journal/entry.ts';
import { createQuarantine } from '../../../../collector/journal/quarantine.ts';
import { openQuarantine } from '../../../../collector/journal/quarantine-box.ts';
import { replayAtNextStart } from '../../../../collector/journal/quarantine-replay.ts';
import { recoverJournal } from '../../../../collector/journal/recover.ts';
import { createLog } from '../../../../logging/log.ts';
import { logsRequest } from '../store/otlp-requests.ts';

const log = createLog('test', 'silent');
const nowMs = () => Date.parse('2026-11-20T10:00:00Z');
const mark = { node: 'n1', stream: 'logs', epoch: 'e', sequence: 3n, receivedUnixNano: 1_790_000_000_000_000_000n };
const entry = Buffer.concat(encodeEntry(logsRequest([{ body: 'the disk of n1 is full' }]), mark));
const journal = 'logs-00000000000000000007.journal';

function journalFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'sextant-quarantine-'));
  mkdirSync(join(folder, 'quarantine'));
  const quarantine = createQuarantine(join(folder, 'quarantine'), { log, nowMs });
  const told = { node: 'n1', stream: 'logs', epoch: 'e', sequence: '3' };
  quarantine.put(entry, { journal, start: 12, end: 12 + entry.length, reason: 'the engine refused it', mark: told });
  return { folder, quarantine };
}
const name = 'logs-00000000000000000007-at-12';

test('lists what is in quarantine, and shows the texts in a batch', () => {
  const box = openQuarantine(journalFolder().folder);
  const known = {
    name,
    signal: 'logs',
    reason: 'the engine refused it',
    quarantinedAt: '2026-11-20T10:00:00.000Z',
    bytes: entry.length,
    node: 'n1',
    stream: 'logs',
    sequence: '3',
  };
  expect(box.list()).toEqual([known]);
  expect(box.show(name)).toMatchObject(known);
  expect(box.show(name).texts.join()).toContain('the disk of n1 is full');
  expect(() => box.show('../../state')).toThrow('no batch ../../state is in quarantine');
});

test('a retried batch leaves quarantine when it is stored, and stays when it is not', async () => {
  const box = openQuarantine(journalFolder().folder);
  await expect(box.retry(name, () => Promise.reject(new Error('no room')))).rejects.toThrow('no room');
  expect(box.list()).toHaveLength(1);
  await box.retry(name, async (batch) => {
    expect(batch).toMatchObject({ signal: 'logs', records: 1, entry: { mark: { node: 'n1', sequence: 3n } } });
  });
  expect(box.list()).toEqual([]);
});

test('with the collector stopped a retried batch lies in the journal, whole, for the next start', async () => {
  const { folder, quarantine } = journalFolder();
  // A file of the same moment: its number is never used twice.
  writeFileSync(join(folder, `logs-${String(nowMs()).padStart(20, '0')}.journal`), entry);
  await openQuarantine(folder).retry(name, replayAtNextStart(folder, nowMs));
  const { files, quarantined } = await recoverJournal(folder, { log, quarantine });
  expect(quarantined).toBe(0);
  expect(files.map(({ number }) => number)).toEqual([BigInt(nowMs()), BigInt(nowMs()) + 1n]);
  expect(files.map(({ path }) => readFileSync(path))).toEqual([entry, entry]);
});

test('a batch that is damaged on disk is not stored, and can be dropped', async () => {
  const { folder } = journalFolder();
  const broken = Buffer.from(entry);
  broken[20] = (broken[20] ?? 0) ^ 1;
  writeFileSync(join(folder, 'quarantine', `${name}.entry`), broken);
  const box = openQuarantine(folder);
  await expect(box.retry(name, async () => {})).rejects.toMatchObject({ code: 'SX_CONFLICT' });
  box.drop(name);
  expect(readdirSync(join(folder, 'quarantine'))).toEqual([]);
});
