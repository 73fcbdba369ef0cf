import { formatBytes } from '../bundle/report-format.ts';
import type { BundleJob } from '../collector/api/shapes/bundles.ts';
import { parseDurationMs } from '../collector/query/time-value.ts';
import { SextantError } from '../errors/sextant-error.ts';
import { formatTime } from './ago.ts';
import { type ApiClient, createApiClient } from './api-client.ts';
import type { BundleDeleteOptions } from './bundle.ts';
import { findBundleJob } from './bundle-id.ts';
import { print } from './output.ts';
import { printable } from './printable.ts';

interface Outcome {
  id: string;
  name: string;
  bytes: number;
  createdAt: string;
  deleted: boolean;
  error?: string;
}

/** Removes bundles from the collector's disk; goes on when one cannot be, and ends with 1 then. */
export async function deleteBundles(ids: string[], options: BundleDeleteOptions): Promise<void> {
  const client = createApiClient(options);
  try {
    const outcomes: Outcome[] = [];
    for (const job of await chosen(client, ids, options)) {
      const { id, name, bytes, createdAt } = job;
      const outcome: Outcome = { id, name, bytes, createdAt, deleted: false };
      if (!options.dryRun) {
        try {
          await client.send('DELETE', `bundles/${encodeURIComponent(id)}/files`);
          outcome.deleted = true;
        } catch (error) {
          outcome.error = (error as Error).message;
          process.exitCode = 1;
        }
      }
      outcomes.push(outcome);
      if (!options.json) await print(line(outcome, Boolean(options.dryRun)));
    }
    if (options.json) return await print(`${JSON.stringify(outcomes)}\n`);
    if (outcomes.length === 0) await print('There is no such bundle on the collector’s disk: nothing was deleted.\n');
  } finally {
    await client.close();
  }
}

async function chosen(client: ApiClient, ids: string[], { olderThan }: BundleDeleteOptions): Promise<BundleJob[]> {
  if (ids.length === 0 && olderThan === undefined) {
    throw new SextantError('SX_BAD_REQUEST', 'no bundle was named', {
      nextStep: 'name bundles by their ids (sextant bundle list), or say --older-than 30d',
    });
  }
  // None is removed when one of them is not clear.
  const found = await Promise.all(ids.map((id) => findBundleJob(client, id)));
  const jobs = [...new Map(found.map((job) => [job.id, job])).values()];
  if (olderThan === undefined) return jobs;
  const ageMs = parseDurationMs(olderThan);
  if (ageMs === undefined) {
    throw new SextantError('SX_BAD_REQUEST', `--older-than ${olderThan} is no age`, {
      nextStep: 'write one such as 30d or 12h',
    });
  }
  const all = await client.get<BundleJob[]>('bundles');
  const old = all.filter(({ path, createdAt }) => path !== null && Date.parse(createdAt) < Date.now() - ageMs);
  return [...jobs, ...old.filter(({ id }) => !jobs.some((job) => job.id === id))];
}

function line({ id, createdAt, bytes, deleted, error }: Outcome, dryRun: boolean): string {
  const what = `${printable(id)}, made ${formatTime(createdAt)}, ${formatBytes(bytes)}`;
  if (error !== undefined) return `${what}: not deleted, ${printable(error)}\n`;
  return dryRun ? `${what}: would be deleted\n` : deleted ? `${what}: deleted\n` : `${what}\n`;
}
