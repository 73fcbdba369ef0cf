import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import type { StorageUsage } from '../collector/upkeep/storage.ts';
import type { UpkeepState, UpkeepTask } from '../collector/upkeep/upkeep.ts';
import { type CollectorOptions, jsonOption, withCollectorOptions } from './api-options.ts';
import { unreadable } from './named-path.ts';
import { configOption, dataDirOption } from './options.ts';
import { print } from './output.ts';

type Options = CollectorOptions & { json?: boolean };

const lookEveryMs = 500;

const exampleText = (examples: string[]): string => `\nExamples:\n${examples.map((one) => `  ${one}`).join('\n')}`;

export function registerStorage(collector: Command): void {
  const command = (name: string, what: string, ...examples: string[]) =>
    withCollectorOptions(collector.command(name).description(what))
      .addOption(jsonOption('one object'))
      .addHelpText('after', exampleText(examples));
  command(
    'check',
    'look whether tables, journal and state are as they were written; ends with 1 when something is not',
    'sextant collector check',
    "sextant collector check --json | jq -r '.faults[]'",
  ).action((options: Options) => upkeep('check', options));
  command(
    'compact',
    'merge the parts of each day, so that less is read and less space is taken',
    'sextant collector compact',
  ).action((options: Options) => upkeep('compact', options));
  command(
    'backup',
    'copy everything to a new folder while the collector runs',
    'sextant collector backup /mnt/backup/$(date +%F)',
  )
    .argument('<folder>', 'is made; on the collector’s machine')
    .action((folder: string, options: Options) => upkeep('backup', options, resolve(folder)));
  command(
    'du',
    'what is stored: bytes by table, node and day',
    'sextant collector du',
    "sextant collector du --json | jq '[.tables[].bytes] | add'",
  ).action(usage);
  collector
    .command('restore')
    .argument('<folder>', 'what `sextant collector backup` has made')
    .description('make a data folder of a backup; the collector must not run')
    .addOption(dataDirOption())
    .addOption(configOption())
    .addOption(jsonOption('one object'))
    .addHelpText(
      'after',
      exampleText(['sextant collector restore /mnt/backup/2026-11-28 --data-dir /var/lib/sextant-restored']),
    )
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
    if (task === 'check' && state.state === 'done') {
      const { length } = state.faults;
      lines.push(length === 0 ? 'Everything is as it was written.' : `${length} ${length === 1 ? 'fault' : 'faults'}.`);
    }
    if (lines.length === 0) lines.push('There was nothing to do.');
    await print(json ? `${JSON.stringify(state)}\n` : `${lines.join('\n')}\n`);
    if (state.state === 'failed' || state.faults.length > 0) process.exitCode = 1;
  } finally {
    await client.close();
  }
}

async function usage({ json, ...address }: Options): Promise<void> {
  const [{ createApiClient }, { formatTable }, { formatBytes }] = await Promise.all([
    import('./api-client.ts'),
    import('./table.ts'),
    import('../bundle/report-format.ts'),
  ]);
  const client = createApiClient(address);
  const answer = await client.get<StorageUsage>('storage').finally(() => client.close());
  if (json) return print(`${JSON.stringify(answer)}\n`);
  const group = (title: string, total: boolean, rows: { cells: string[]; rows: number; bytes: number }[]): string => {
    const sum = (of: 'rows' | 'bytes') => rows.reduce((all, row) => all + row[of], 0);
    const shown =
      total && rows.length > 1 ? [...rows, { cells: ['in all'], rows: sum('rows'), bytes: sum('bytes') }] : rows;
    return formatTable(
      shown,
      [
        ...title.split(' ').map((name, at) => ({ title: name, text: (row: (typeof shown)[0]) => row.cells[at] ?? '' })),
        { title: 'ROWS', align: 'right', text: (row) => row.rows.toLocaleString('en-US') },
        { title: 'SIZE', align: 'right', text: (row) => formatBytes(row.bytes) },
      ],
      false,
    );
  };
  const groups = [
    group(
      'TABLE',
      true,
      answer.tables.map((row) => ({ cells: [row.table], ...row })),
    ),
    group(
      'NODE',
      false,
      answer.nodes.map((row) => ({ cells: [row.node], ...row })),
    ),
    group(
      'DAY TABLE',
      false,
      answer.days.map((row) => ({ cells: [row.day, row.table], ...row })),
    ),
  ];
  await print(`${groups.join('\n')}\nSizes by node are estimates, by the share of a table’s rows.\n`);
}

async function restore(
  source: string,
  { dataDir, config, json }: { dataDir: string; config?: string; json?: boolean },
): Promise<void> {
  const [{ loadSettings }, { createLog }, { restoreBackup }, { formatBytes }] = await Promise.all([
    import('../config/load.ts'),
    import('../logging/log.ts'),
    import('../collector/upkeep/restore.ts'),
    import('../bundle/report-format.ts'),
  ]);
  const folder = resolve(source);
  await stat(folder).catch((cause) => {
    throw unreadable(folder, cause);
  });
  const settings = loadSettings({ dataDir, ...(config !== undefined && { configFile: config }) });
  const done = await restoreBackup({ dataDir, settings, log: createLog('restore', 'warn') }, folder, (now) => {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${now.step}: ${now.files} files`);
  });
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  await print(
    json ? `${JSON.stringify(done)}\n` : `${done.files} files, ${formatBytes(done.bytes)}, restored to ${dataDir}\n`,
  );
}
