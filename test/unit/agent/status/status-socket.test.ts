import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { askStatus, serveStatus, statusPath } from '../../../../agent/status/status-socket.ts';

const log = pino({ level: 'silent' });
let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'sextant-status-'));
  mkdirSync(join(dataDir, 'agent'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

test('answers with what holds now, and only to the own user', async () => {
  const path = statusPath(dataDir);
  let asked = 0;
  const server = await serveStatus(path, () => ({ asked: ++asked }), log);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(await askStatus(path)).toEqual({ asked: 1 });
  expect(await askStatus(path)).toEqual({ asked: 2 });
  server.close();
  expect(await askStatus(path)).toBeUndefined();
});

test('takes the place of a socket that a killed agent left', async () => {
  const path = statusPath(dataDir);
  writeFileSync(path, '');
  const server = await serveStatus(path, () => ({ here: true }), log);
  expect(await askStatus(path)).toEqual({ here: true });
  server.close();
});

test('finds a shorter path where the data folder’s is too long for a socket', async () => {
  const deep = join(dataDir, 'x'.repeat(120));
  const path = statusPath(deep);
  expect(Buffer.byteLength(path)).toBeLessThan(100);
  const server = await serveStatus(path, () => ({ deep: true }), log);
  expect(await askStatus(path)).toEqual({ deep: true });
  server.close();
  rmSync(join(path, '..'), { recursive: true, force: true });
});

test('survives an answer that cannot be given', async () => {
  const server = await serveStatus(
    statusPath(dataDir),
    () => {
      throw new Error('no idea');
    },
    log,
  );
  expect(await askStatus(statusPath(dataDir))).toEqual({});
  server.close();
});
