import { join } from 'node:path';
import type { Command } from 'commander';
import { formatBytes } from '../bundle/report-format.ts';
import type { QuarantinedBatch } from '../collector/journal/quarantine-box.ts';
import { type CollectorOptions, jsonOption, withCollectorOptions } from './api-options.ts';
import { onCollector } from './collector-folder.ts';
import { print } from './output.ts';
import { printable } from './printable.ts';

type Options = CollectorOptions & { json?: boolean };

const one = 'logs-00000000000000000007-at-0';
const named = 'as `sextant collector quarantine list` shows it';
const examplesOf = (...examples: string[]): string =>
  `\nExamples:\n${examples.map((example) => `  sextant collector quarantine ${example}`).join('\n')}`;

export function registerQuarantine(collector: Command): void {
  const quarantine = collector
    .command('quarantine')
    .description('batches that storage did not take; works with the collector running or stopped')
    .addHelpText('after', examplesOf('list', `show ${one}`, `retry ${one}`));
  withCollectorOptions(quarantine.command('list').description('what is in quarantine, and why'))
    .addOption(jsonOption('one array'))
    .addHelpText('after', examplesOf('list', `list --json | jq -r 'group_by(.node)[] | "\\(.[0].node) \\(length)"'`))
    .action(list);
  withCollectorOptions(
    quarantine.command('show').description('one batch, and the texts in it').argument('<name>', named),
  )
    .addOption(jsonOption('one object'))
    .addHelpText('after', examplesOf(`show ${one}`))
    .action(show);
  withCollectorOptions(
    quarantine.command('retry').description('give batches to storage again').argument('<name...>', named),
  )
    .addHelpText('after', examplesOf(`retry ${one}`))
    .action(retry);
  withCollectorOptions(quarantine.command('drop').description('delete batches for good').argument('<name...>', named))
    .addHelpText('after', examplesOf(`drop ${one}`))
    .action(drop);
}

const boxIn = async (folder: string) => {
  const { openQuarantine } = await import('../collector/journal/quarantine-box.ts');
  return openQuarantine(join(folder, 'journal'));
};

async function list({ json, ...address }: Options): Promise<void> {
  const batches = await onCollector(address, {
    running: (client) => client.get<QuarantinedBatch[]>('quarantine'),
    stopped: async (folder) => (await boxIn(folder)).list(),
  });
  if (json) return print(`${JSON.stringify(batches)}\n`);
  if (batches.length === 0) return print('Nothing is in quarantine.\n');
  const { formatTable } = await import('./table.ts');
  await print(
    formatTable<QuarantinedBatch>(
      batches,
      [
        { title: 'NAME', text: (batch) => batch.name },
        { title: 'NODE', text: (batch) => batch.node },
        { title: 'BYTES', text: (batch) => String(batch.bytes) },
        { title: 'SINCE', text: (batch) => batch.quarantinedAt },
        { title: 'REASON', text: (batch) => batch.reason.slice(0, 120) },
      ],
      false,
    ) + byClient(batches),
  );
}

/** How much of each sender is there; a line each when there are several. */
function byClient(batches: QuarantinedBatch[]): string {
  const clients = [...Map.groupBy(batches, ({ node }) => node || 'unknown')];
  if (clients.length < 2) return '';
  const lines = clients
    .map(([node, own]) => ({ node, batches: own.length, bytes: own.reduce((sum, { bytes }) => sum + bytes, 0) }))
    .sort((a, b) => b.bytes - a.bytes)
    .map((client) => `  ${printable(client.node)}: ${client.batches}, ${formatBytes(client.bytes)}`);
  return `\nBatches by sender:\n${lines.join('\n')}\n`;
}

async function show(name: string, { json, ...address }: Options): Promise<void> {
  const batch = await onCollector(address, {
    running: (client) => client.get<QuarantinedBatch & { texts: string[] }>(`quarantine/${encodeURIComponent(name)}`),
    stopped: async (folder) => (await boxIn(folder)).show(name),
  });
  if (json) return print(`${JSON.stringify(batch)}\n`);
  const { texts, ...facts } = batch;
  const lines = Object.entries(facts).map(([key, value]) => `${key}: ${value}`);
  await print(`${lines.join('\n')}\ntexts:\n${texts.map((text) => `  ${text}`).join('\n')}\n`);
}

async function retry(names: string[], address: Options): Promise<void> {
  await onCollector(address, {
    async running(client) {
      for (const name of names) await client.send('POST', `quarantine/${encodeURIComponent(name)}/retry`, {});
    },
    async stopped(folder) {
      const { replayAtNextStart } = await import('../collector/journal/quarantine-replay.ts');
      const box = await boxIn(folder);
      for (const name of names) await box.retry(name, replayAtNextStart(join(folder, 'journal'), Date.now));
    },
  });
  await print(`${names.length === 1 ? 'The batch is' : `${names.length} batches are`} in the journal again.\n`);
}

async function drop(names: string[], address: Options): Promise<void> {
  await onCollector(address, {
    async running(client) {
      for (const name of names) await client.send('DELETE', `quarantine/${encodeURIComponent(name)}`);
    },
    async stopped(folder) {
      const box = await boxIn(folder);
      for (const name of names) box.drop(name);
    },
  });
  await print(`${names.length === 1 ? 'The batch is' : `${names.length} batches are`} gone.\n`);
}
