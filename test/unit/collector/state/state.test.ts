import { mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { createAuditTrail } from '../../../../collector/state/audit.ts';
import { applyMigrations } from '../../../../collector/state/migrate.ts';
import { openState } from '../../../../collector/state/state.ts';

const nowMs = () => 1_700_000_000_000;
const temporaryFolder = () => mkdtempSync(join(tmpdir(), 'sextant-state-'));

test('state.db is private, in WAL mode, and synchronises every commit', () => {
  const folder = temporaryFolder();
  const state = openState(folder, { nowMs });
  expect(statSync(join(folder, 'state.db')).mode & 0o777).toBe(0o600);
  expect(state.database.prepare('PRAGMA journal_mode').get()?.journal_mode).toBe('wal');
  expect(state.database.prepare('PRAGMA synchronous').get()?.synchronous).toBe(2);
  state.close();
});

test('opening again keeps what is there and applies no migration twice', () => {
  const folder = temporaryFolder();
  const first = openState(folder, { nowMs });
  createAuditTrail(first, { nowMs }).record('token.created', 'tester', { kind: 'enroll' });
  const applied = first.database.prepare('SELECT count(*) AS n FROM migrations').get()?.n;
  first.close();

  const second = openState(folder, { nowMs });
  expect(second.database.prepare('SELECT count(*) AS n FROM migrations').get()?.n).toBe(applied);
  expect(createAuditTrail(second, { nowMs }).list({ limit: 10 })).toEqual([
    { at: '2023-11-14T22:13:20.000Z', event: 'token.created', who: 'tester', details: { kind: 'enroll' } },
  ]);
  second.close();
});

test('a migration that fails leaves nothing behind and names itself', () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, '001-good.sql'), 'CREATE TABLE good (x);');
  writeFileSync(join(folder, '002-bad.sql'), 'CREATE TABLE half (x); CREATE TABLE half (x);');
  const database = new DatabaseSync(':memory:');
  expect(() => applyMigrations(database, nowMs, folder)).toThrow(/002-bad\.sql/);
  const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").all();
  expect(tables.map((row) => row.name)).toEqual(['good', 'migrations']);
});

test('a transaction that throws changes nothing', () => {
  const state = openState(temporaryFolder(), { nowMs });
  const audit = createAuditTrail(state, { nowMs });
  expect(() =>
    state.transaction(() => {
      audit.record('token.created', 'tester', {});
      throw new Error('no');
    }),
  ).toThrow('no');
  expect(audit.list({ limit: 10 })).toEqual([]);
  expect(() => state.transaction(() => state.transaction(() => 1))).toThrow(/BUG/);
  state.close();
});

test('a file that is no database is refused with the path', () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'state.db'), 'not a database, not at all, and long enough to have a header'.repeat(50));
  expect(() => openState(folder, { nowMs })).toThrow(/cannot open .*state\.db/);
});
