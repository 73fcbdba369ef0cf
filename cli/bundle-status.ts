import { formatBytes } from '../bundle/report-format.ts';
import type { BundleItemProgress, BundleJob } from '../collector/api/shapes/bundles.ts';
import { createApiClient } from './api-client.ts';
import type { BundleReadOptions } from './bundle.ts';
import { elapsedText, overallText, recordsText } from './bundle-figures.ts';
import { findBundleJob } from './bundle-id.ts';
import { stateColor } from './bundle-list.ts';
import { wantsColor } from './color.ts';
import { print } from './output.ts';
import { printable } from './printable.ts';
import { formatTable } from './table.ts';

export async function showBundle(named: string, options: BundleReadOptions): Promise<void> {
  const client = createApiClient(options);
  const job = await findBundleJob(client, named).finally(() => client.close());
  if (options.json) return print(`${JSON.stringify(job)}\n`);
  await print(
    `${printable(job.name)}\n${job.state}${job.error ? `: ${printable(job.error)}` : ''}, ${job.from} to ${job.until}, ${formatBytes(job.bytes)}\n${job.classes.length > 0 ? `Only ${job.classes.join(', ')} of the classes.\n` : ''}${job.path ? `${printable(job.path)}\n` : ''}\n`,
  );
  if (isRunning(job)) await print(`So far ${overallText(job.progress)}\n\n`);
  if (job.items.length === 0) return;
  await print(
    formatTable<BundleItemProgress>(
      job.items,
      [
        { title: 'NODE', text: (item) => item.node },
        { title: 'SOURCE', text: (item) => item.source },
        { title: 'STATE', text: (item) => item.state, color: (item) => stateColor(item.state) },
        { title: 'SIZE', align: 'right', text: (item) => formatBytes(item.bytes) },
        { title: 'RECORDS', align: 'right', text: recordsText },
        { title: 'TIME', align: 'right', text: elapsedText },
        ...(job.items.some(isToCome) ? [{ title: 'EXPECTED', text: expectedText }] : []),
        { title: 'REASON', text: (item) => item.reason ?? '' },
      ],
      wantsColor(process.stdout),
    ),
  );
}

/** Collectors of before tell no progress. */
const isRunning = ({ state, progress }: BundleJob): boolean =>
  progress !== undefined && (state === 'gathering' || state === 'writing');

const isToCome = ({ state }: BundleItemProgress): boolean => state === 'waiting' || state === 'running';

/** Of what has not ended, and where that is from: `8 MiB (last-run)`. */
const expectedText = ({ expected = null, ...item }: BundleItemProgress): string =>
  expected && isToCome({ expected, ...item }) ? `${formatBytes(expected.bytes)} (${expected.basis})` : '';
