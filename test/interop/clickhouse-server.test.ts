import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createStore } from '../../collector/store/clickhouse-store.ts';
import { createLog } from '../../logging/log.ts';
import { settingsWith } from '../unit/collector/journal/settings.ts';

/**
 * A real server, as far as one can be had: Debian's is release 18.16, which is too old to store on. What it can show is
 * that a real server's answers to the first questions are understood.
 */
const program = '/usr/sbin/clickhouse-server';
const there = existsSync(program);
if (!there) process.stderr.write(`SKIPPED: no ${program}; Debian's package clickhouse-server has it\n`);

describe.skipIf(!there)('a real ClickHouse server of 2018', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sextant-clickhouse-'));
  const passwordFile = join(folder, 'password');
  let server: ChildProcess | undefined;
  let ports: number[];

  const start = (): void => {
    const [http, tcp, replicas] = ports;
    const path = (name: string): string => `${folder}/${name}/`;
    for (const name of ['data', 'tmp', 'files', 'schemas']) mkdirSync(path(name), { recursive: true });
    writeFileSync(
      join(folder, 'users.xml'),
      '<yandex><profiles><default/></profiles><quotas><default/></quotas><users><sextant><password>secret</password>' +
        '<networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></sextant></users></yandex>',
    );
    writeFileSync(
      join(folder, 'config.xml'),
      `<yandex><logger><level>none</level><console>1</console></logger><listen_host>127.0.0.1</listen_host>
        <http_port>${http}</http_port><tcp_port>${tcp}</tcp_port><interserver_http_port>${replicas}</interserver_http_port>
        <path>${path('data')}</path><tmp_path>${path('tmp')}</tmp_path><user_files_path>${path('files')}</user_files_path>
        <format_schema_path>${path('schemas')}</format_schema_path><users_config>${folder}/users.xml</users_config>
        <default_profile>default</default_profile><default_database>default</default_database>
        <mark_cache_size>5368709</mark_cache_size></yandex>`,
    );
    server = spawn(program, [`--config-file=${folder}/config.xml`], { cwd: folder, stdio: 'ignore' });
  };
  const storeWith = (password: string) => {
    writeFileSync(passwordFile, password, { mode: 0o600 });
    return createStore({
      folder: join(folder, 'not-used'),
      log: createLog('test', 'silent'),
      settings: settingsWith({
        'storage.url': `http://127.0.0.1:${ports[0]}`,
        'storage.database': 'default',
        'storage.passwordFile': passwordFile,
      }),
    });
  };

  beforeAll(async () => {
    ports = await Promise.all([1, 2, 3].map(freePort));
  });
  afterAll(async () => {
    if (server) await new Promise((resolve) => server?.once('exit', resolve).kill('SIGKILL'));
    rmSync(folder, { recursive: true, force: true });
  });

  test('is waited for, found too old when it comes, and refused by name', async () => {
    const store = storeWith('secret');
    await store.start();
    await expect(store.query('SELECT 1')).rejects.toMatchObject({ code: 'SX_STORAGE_AWAY' });
    start();
    await vi.waitFor(
      () =>
        expect(store.query('SELECT 1')).rejects.toMatchObject({
          code: 'SX_STORAGE_UNFIT',
          message: expect.stringMatching(/is release 18\.\d+\.\d+; Sextant needs/),
        }),
      { timeout: 25_000, interval: 200 },
    );
    await store.close();
  });

  test('refuses the start when it is there already', async () => {
    await expect(storeWith('secret').start()).rejects.toMatchObject({ code: 'SX_STORAGE_UNFIT' });
  });

  test('says that the password is wrong, and that is what we tell', async () => {
    const store = storeWith('another');
    await store.start();
    await expect(store.query('SELECT 1')).rejects.toMatchObject({
      code: 'SX_STORAGE_AWAY',
      message: expect.stringContaining('Wrong password for user sextant'),
    });
    await store.close();
  });
});

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}
