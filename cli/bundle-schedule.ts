import { formatDuration } from '../bundle/report-format.ts';
import type { BundleJob, BundleScheduleRow } from '../collector/api/shapes/bundles.ts';
import { formatTime } from './ago.ts';
import { createApiClient } from './api-client.ts';
import { stateColor } from './bundle-list.ts';
import type { ScheduleCreateOptions, ScheduleOptions } from './bundle-schedule-command.ts';
import { wantsColor } from './color.ts';
import { print } from './output.ts';
import { printable } from './printable.ts';
import { formatTable } from './table.ts';

const none =
  "Nothing is scheduled. Schedule a bundle with: sextant bundle schedule create nightly --cron '0 3 * * *' --preset deep\n";
const pathOf = (name: string): string => `bundle-schedules/${encodeURIComponent(name)}`;

export async function createSchedule(name: string, options: ScheduleCreateOptions): Promise<void> {
  const client = createApiClient(options);
  const row = await client
    .send<BundleScheduleRow>('POST', 'bundle-schedules', {
      name,
      cron: options.cron,
      ...(options.preset !== undefined && { preset: options.preset }),
      ...(options.window !== undefined && { window: options.window }),
      nodes: options.node,
      roles: options.role,
      classes: options.class,
      redaction: options.redact,
      ...(options.parquet && { parquet: true }),
    })
    .finally(() => client.close());
  if (options.json) return print(`${JSON.stringify(row)}\n`);
  await print(
    `${printable(row.name)}: ${formatDuration(row.windowMs)} each time, next at ${formatTime(row.nextRunAt ?? '')}\n`,
  );
}

export async function listSchedules(options: ScheduleOptions): Promise<void> {
  const client = createApiClient(options);
  const rows = await client.get<BundleScheduleRow[]>('bundle-schedules').finally(() => client.close());
  if (options.json) return print(`${JSON.stringify(rows)}\n`);
  if (rows.length === 0) return print(none);
  await print(
    formatTable<BundleScheduleRow>(
      rows,
      [
        { title: 'NAME', text: (row) => row.name },
        { title: 'CRON (UTC)', text: (row) => row.cron },
        { title: 'WINDOW', align: 'right', text: (row) => formatDuration(row.windowMs) },
        { title: 'NODES', text: (row) => row.nodes.join(', ') || 'all' },
        { title: 'ROLES', text: (row) => row.roles.join(', ') || 'all' },
        { title: 'CLASSES', text: (row) => row.classes.join(', ') || 'all' },
        { title: 'PARQUET', text: (row) => (row.parquet ? 'yes' : '') },
        { title: 'NEXT', text: (row) => formatTime(row.nextRunAt ?? '') },
        { title: 'LAST', text: (row) => (row.lastRunAt === null ? 'never' : formatTime(row.lastRunAt)) },
        { title: 'BUNDLE', text: (row) => row.lastBundle ?? '' },
        { title: 'STATE', text: (row) => row.lastState ?? '', color: (row) => stateColor(row.lastState ?? '') },
        { title: '', text: (row) => row.lastError ?? '', color: () => 'red' },
      ],
      wantsColor(process.stdout),
    ),
  );
}

export async function deleteSchedule(name: string, options: ScheduleOptions): Promise<void> {
  const client = createApiClient(options);
  const row = await client.send<BundleScheduleRow>('DELETE', pathOf(name)).finally(() => client.close());
  if (options.json) return print(`${JSON.stringify(row)}\n`);
  await print(`${printable(name)} makes no more bundles; those that it made stay.\n`);
}

export async function runSchedule(name: string, options: ScheduleOptions): Promise<void> {
  const client = createApiClient(options);
  const job = await client.send<BundleJob>('POST', `${pathOf(name)}/run`).finally(() => client.close());
  if (options.json) return print(`${JSON.stringify(job)}\n`);
  await print(`Bundle ${job.id} is ${job.state}; follow it with: sextant bundle status ${job.id}\n`);
}
