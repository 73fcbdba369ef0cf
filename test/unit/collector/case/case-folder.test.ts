import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { openCase } from '../../../../collector/case/case-folder.ts';

const log = pino({ level: 'silent' });

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sextant-case-folder-'));
  onTestFinished(() => {
    process.chdir(tmpdir());
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

test('a case that no bundle came into is removed with the folders that were made for it', async () => {
  const folder = emptyFolder();
  const path = join(folder, 'matters', 'case');
  const opened = await openCase(path, log);
  expect(existsSync(join(path, 'case.db'))).toBe(true);
  await opened.close();
  expect(readdirSync(folder)).toEqual([]);
});
