import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type CoverageState, isGap } from '../bundle/coverage.ts';
import { parsePublicKey } from '../bundle/minisign-key.ts';
import type { BundleJob } from '../collector/api/shapes/bundles.ts';
import { SextantError } from '../errors/sextant-error.ts';
import { type ApiClient, createApiClient } from './api-client.ts';
import type { BundleCreateOptions } from './bundle.ts';
import { fetchBundle } from './bundle-fetch.ts';
import { bundleOrder } from './bundle-order.ts';
import { printOutcome, soundCoverage } from './bundle-outcome.ts';
import { type BundleProgress, plainProgress, silentProgress, terminalProgress } from './bundle-progress.ts';
import { collectorAbsence } from './collector-absence.ts';
import { makeOutFolder } from './out-folder.ts';
import { createPatientClient } from './patient-client.ts';

const pollEveryMs = 300;

/** Has a bundle made, copies it into `--out`, checks the copy, and leaves exit code 3 when something is missing in it. */
export async function createBundle(options: BundleCreateOptions): Promise<void> {
  const absence = await collectorAbsence(options);
  makeOutFolder(options.out);
  if (absence) {
    const { createOffline } = await import('./bundle-offline.ts');
    return createOffline(options, absence);
  }
  const interrupted = new AbortController();
  const onSignal = (): void =>
    interrupted.abort(
      new SextantError('SX_BUNDLE_FAILED', 'interrupted', { nextStep: 'the bundle was cancelled; create it again' }),
    );
  let progress: BundleProgress | undefined;
  const client = createPatientClient(() => createApiClient(options), {
    signal: interrupted.signal,
    onWait: (reason) => progress?.waiting(reason),
  });
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  try {
    const asked = await client.send<BundleJob>('POST', 'bundles', bundleOrder(options));
    progress = options.json
      ? silentProgress()
      : process.stderr.isTTY && process.stdout.isTTY
        ? terminalProgress(asked.nodes)
        : plainProgress((text) => process.stderr.write(text));
    let path: string;
    let job: BundleJob;
    try {
      job = await follow(client, asked, progress, interrupted.signal);
      path = await fetchBundle(client, job, options.out, {
        signal: interrupted.signal,
        onBytes: progress.copying,
      });
      await progress.close(true);
    } catch (error) {
      await progress.close(false);
      throw error;
    }
    await report(job, path, options);
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
    await client.close();
  }
}

/** Polls until the job has ended; cancels it when this command is interrupted. Throws when there will be no bundle. */
async function follow(
  client: Pick<ApiClient, 'get' | 'send'>,
  asked: BundleJob,
  progress: BundleProgress,
  signal: AbortSignal,
): Promise<BundleJob> {
  let job = asked;
  for (;;) {
    progress.update(job);
    if (job.state === 'complete' || job.state === 'partial') return job;
    if (job.state === 'failed' || job.state === 'cancelled') {
      const why = job.error === job.state ? '' : `: ${job.error ?? 'no reason was given'}`;
      throw new SextantError('SX_BUNDLE_FAILED', `bundle ${job.id} ${job.state}${why}`);
    }
    try {
      await delay(pollEveryMs, undefined, { signal });
    } catch {
      await client.send('DELETE', `bundles/${job.id}`).catch(() => undefined);
      throw signal.reason;
    }
    job = await client.get<BundleJob>(`bundles/${job.id}`);
  }
}

/** The local collector's own key, if this user may read it: then the copy's origin is proven, not only declared. */
function localKey(dataDir: string): ReturnType<typeof parsePublicKey> | undefined {
  const path = join(dataDir, 'collector', 'keys', 'sextant.pub');
  return existsSync(path) ? parsePublicKey(readFileSync(path, 'utf8')) : undefined;
}

async function report(job: BundleJob, path: string, options: BundleCreateOptions): Promise<void> {
  const key = options.url === undefined ? localKey(options.dataDir) : undefined;
  const { coverage, keyId } = await soundCoverage(path, key);
  // The job has the nodes' own names; in the bundle they stand under pseudonyms.
  const gaps = job.items.filter((source) => isGap(source.state as CoverageState));
  const nodes = coverage.nodes.map((entry, at) => ({ ...entry, node: job.nodes[at] ?? entry.node }));
  await printOutcome({ id: job.id, path, bytes: job.bytes, keyId, coverage, nodes, gaps }, Boolean(options.json));
}
