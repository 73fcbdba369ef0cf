import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { registryText } from '../../agent/jobs/registry-text.ts';
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

  test('probes ask the service manager and the list of processes, and start no program', async () => {
    const { state } = await buildForWine({ state: 'test/windows/local-state-windows.ts' }, folder);
    const ended = await wine.runNode([state]);
    expect(ended.code, ended.stderr).toBe(0);
    expect(JSON.parse(ended.stdout)).toEqual({
      services: [
        ['RpcSs', 'stopped'],
        ['PlugPlay', 'running'],
        ['no such service', 'not_found'],
        ['A:\\/*', 'not_found'],
      ],
      processes: [
        ['NODE', expect.toSatisfy((count: number) => count >= 1)],
        ['node.exe', expect.toSatisfy((count: number) => count >= 1)],
        ['no-such-program', 0],
      ],
    });
  });

  test('what reg.exe exports is read as text, values of bytes included', async () => {
    const key = 'HKLM\\Software\\SextantTest\\Export';
    const add = async (name: string, type: string, value: string): Promise<void> => {
      expect((await wine.run('reg', ['add', key, '/v', name, '/t', type, '/d', value, '/f'])).code).toBe(0);
    };
    await add('Plain', 'REG_SZ', 'a "quoted" ü');
    await add('Expand', 'REG_EXPAND_SZ', '%SystemRoot%\\MEMORY.DMP, and so long that it takes several lines of digits');
    await add('Many', 'REG_MULTI_SZ', 'first\\0second');
    await add('Number', 'REG_DWORD', '7');
    await add('Bytes', 'REG_BINARY', '0102ff');
    const file = join(folder, 'export.reg');
    const ended = await wine.run('reg', ['export', key, wine.windowsPath(file), '/y']);
    expect(ended.code).toBe(0);
    const bytes = readFileSync(file);
    expect([...bytes.subarray(0, 2)]).toEqual([0xff, 0xfe]);
    const decoded = (async function* () {
      yield bytes.subarray(2).toString('utf16le');
    })();
    let text = '';
    for await (const line of registryText(decoded)) text += line;
    expect(text.toLowerCase()).toContain('[hkey_local_machine\\software\\sextanttest\\export]');
    const values = text.split('\n').filter((line) => line.startsWith('"'));
    expect(values.sort()).toEqual([
      '"Bytes"=[sextant: left out: 3 bytes that are no text]',
      '"Expand"=expandable:"%SystemRoot%\\\\MEMORY.DMP, and so long that it takes several lines of digits"',
      '"Many"=texts:"first"',
      '"Many"=texts:"second"',
      '"Number"=dword:00000007',
      '"Plain"="a \\"quoted\\" ü"',
    ]);
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
