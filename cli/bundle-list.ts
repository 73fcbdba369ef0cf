import { formatBytes } from '../bundle/report-format.ts';
import type { BundleJob } from '../collector/api/shapes/bundles.ts';
import { formatTime } from './ago.ts';
import { createApiClient } from './api-client.ts';
import type { BundleReadOptions } from './bundle.ts';
import { type Color, wantsColor } from './color.ts';
import { print } from './output.ts';
import { formatTable } from './table.ts';

export const stateColor = (state: string): Color | undefined => {
  if (state === 'complete' || state === 'ok') return 'green';
  if (state === 'partial' || state === 'rotated-away') return 'yellow';
  return ['failed', 'cancelled', 'timeout', 'denied', 'unreachable'].includes(state) ? 'red' : undefined;
};

export async function listBundles(options: BundleReadOptions): Promise<void> {
  const client = createApiClient(options);
  const jobs = await client.get<BundleJob[]>('bundles').finally(() => client.close());
  if (options.json) return print(`${JSON.stringify(jobs)}\n`);
  if (jobs.length === 0) return print('No bundle was made yet. Make one with: sextant bundle create --since 15m\n');
  await print(
    formatTable<BundleJob>(
      jobs,
      [
        { title: 'ID', text: (job) => job.id },
        {
          title: 'STATE',
          text: (job) => (job.removedAt === null ? job.state : 'removed'),
          color: (job) => (job.removedAt === null ? stateColor(job.state) : 'gray'),
        },
        { title: 'MADE', text: (job) => formatTime(job.createdAt) },
        { title: 'FROM', text: (job) => formatTime(job.from) },
        { title: 'UNTIL', text: (job) => formatTime(job.until) },
        { title: 'NODES', align: 'right', text: (job) => String(job.nodes.length) },
        { title: 'SIZE', align: 'right', text: (job) => formatBytes(job.bytes) },
        {
          title: 'FOR',
          text: (job) => (job.origin === 'request' ? job.requestedBy : `${job.origin} ${job.requestedBy}`),
        },
        { title: '', text: (job) => job.error ?? '' },
      ],
      wantsColor(process.stdout),
    ),
  );
}
