import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import type { StorageUsage } from '../collector/upkeep/storage.ts';
import type { UpkeepState, UpkeepTask } from '../collector/upkeep/upkeep.ts';
import { type CollectorOptions, jsonOption, withCollectorOptions } from './api-options.ts';
import { configOption, dataDirOption } from './options.ts';
import { print } from './output.ts';

type Options = CollectorOptions & { json?: boolean };

const lookEveryMs = 500;

export function registerStorage(collector: Command): void {
  const command = (name: string, what: string) =>
    withCollectorOptions(collector.command(name).description(what)).addOption(jsonOption('an object'));
  command('check', 'look whether tables, journal and state are as they were written').action((options: Options) =>
    upkeep('check', options),
  );
  command('compact', 'merge the parts of each day').action((options: Options) => upkeep('compact', options));
  command('backup <folder>', 'copy everything to a new folder while the collector runs').action(
    (folder: string, options: Options) => upkeep('backup', options, resolve(folder)),
  );
  command('du', 'bytes by table, node and day').action(usage);
  collector
    .command('restore <folder>')
    .description('make a data folder of a backup; the collector must not run')
    .addOption(dataDirOption())
    .addOption(configOption())
    .addOption(jsonOption('an object'))
    .action(restore);
}

async function upkeep(task: UpkeepTask, { json, ...address }: Options, folder?: string): Promise<void> {
  const { createApiClient } = await import('./api-client.ts');
  const client = createApiClient(address);
  try {
    let state = await client.send<UpkeepState>('POST', 'storage/upkeep', { task, ...(folder && { folder }) });
    while (state.state === 'running') {
      await delay(lookEveryMs);
      state = await client.get<UpkeepState>('storage/upkeep');
      if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${state.state === 'running' ? state.progress : ''}`);
    }
    const lines = [...state.report, ...state.faults.map((fault) => `FAULT ${fault}`)];
    if (state.error) lines.push(`${task} failed: ${state.error}`);
    if (lines.length === 0) lines.push('There was nothing to do.');
    await print(json ? `${JSON.stringify(state)}\n` : `${lines.join('\n')}\n`);
    if (state.state === 'failed' || state.faults.length > 0) process.exitCode = 1;
  } finally {
    await client.close();
  }
}

async function usage({ json, ...address }: Options): Promise<void> {
  const [{ createApiClient }, { formatTable }] = await Promise.all([import('./api-client.ts'), import('./table.ts')]);
  const client = createApiClient(address);
  const answer = await client.get<StorageUsage>('storage').finally(() => client.close());
  if (json) return print(`${JSON.stringify(answer)}\n`);
  const rows = [
    ...answer.tables.map((row) => ({ what: row.table, of: '', ...row })),
    ...answer.nodes.map((row) => ({ what: 'node (estimate)', of: row.node, ...row })),
    ...answer.days.map((row) => ({ what: row.table, of: row.day, ...row })),
  ];
  await print(
    formatTable(
      rows,
      [
        { title: 'WHAT', text: (row) => row.what },
        { title: 'OF', text: (row) => row.of },
        { title: 'ROWS', text: (row) => String(row.rows) },
        { title: 'MiB', text: (row) => (row.bytes / 1024 / 1024).toFixed(2) },
      ],
      false,
    ),
  );
}

async function restore(
  source: string,
  { dataDir, config, json }: { dataDir: string; config?: string; json?: boolean },
): Promise<void> {
  const [{ loadSettings }, { createLog }, { restoreBackup }] = await Promise.all([
    import('../config/load.ts'),
    import('../logging/log.ts'),
    import('../collector/upkeep/restore.ts'),
  ]);
  const settings = loadSettings({ dataDir, ...(config !== undefined && { configFile: config }) });
  const done = await restoreBackup({ dataDir, settings, log: createLog('restore', 'warn') }, resolve(source), (now) => {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${now.step}: ${now.files} files`);
  });
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  await print(json ? `${JSON.stringify(done)}\n` : `${done.files} files, ${done.bytes} bytes restored to ${dataDir}\n`);
}
