import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildForWine } from './windows-program.ts';
import { createWine, describeUnderWine, type Wine } from './wine.ts';

describeUnderWine('Windows programs under Wine', () => {
  let wine: Wine;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sextant-wine-'));
    wine = await createWine();
  }, 300_000);
  afterAll(async () => {
    await wine?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('runs a bundled program that calls Windows, and hands back its output and exit code', async () => {
    const { calls } = await buildForWine({ calls: 'test/windows/calls-windows.ts' }, folder);
    const ended = await wine.runNode([calls, 'one', 'two words'], { env: { GREETING: 'hello' } });
    expect(ended).toMatchObject({ code: 7, stderr: expect.stringContaining('to standard error') });
    expect(JSON.parse(ended.stdout)).toEqual({
      platform: 'win32',
      ownProcess: true,
      args: ['one', 'two words'],
      greeting: 'hello',
    });
  });

  test('keeps what one prefix holds from the next', async () => {
    const other = await createWine();
    try {
      const key = 'HKLM\\Software\\SextantTest';
      expect((await wine.run('reg', ['add', key, '/f'])).code).toBe(0);
      expect((await wine.run('reg', ['query', key])).code).toBe(0);
      expect((await other.run('reg', ['query', key])).code).not.toBe(0);
    } finally {
      await other.close();
    }
  });

  test('ends a program whose time is up', async () => {
    const ended = await wine.runNode(['-e', 'setInterval(() => {}, 1000)'], { timeoutMs: 3_000 });
    expect(ended.code).toBe(null);
  });
});
