import { existsSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Coverage, type CoverageState, collectorNode, isGap } from '../bundle/coverage.ts';
import { parsePublicKey } from '../bundle/minisign-key.ts';
import { formatBytes } from '../bundle/report-format.ts';
import { verifyBundle } from '../bundle/verify.ts';
import type { BundleJob } from '../collector/api/shapes.ts';
import { SextantError } from '../errors/sextant-error.ts';
import { type ApiClient, createApiClient } from './api-client.ts';
import type { BundleCreateOptions } from './bundle.ts';
import { fetchBundle } from './bundle-fetch.ts';
import { type BundleProgress, plainProgress, silentProgress, terminalProgress } from './bundle-progress.ts';
import { print } from './output.ts';
import { printable } from './printable.ts';

const pollEveryMs = 300;

/** Has a bundle made, copies it into `--out`, checks the copy, and leaves exit code 3 when something is missing in it. */
export async function createBundle(options: BundleCreateOptions): Promise<void> {
  await mkdir(options.out, { recursive: true }).catch((cause) => {
    throw new SextantError('SX_BAD_REQUEST', `--out: cannot use ${options.out}: ${cause.message}`, { cause });
  });
  const client = createApiClient(options);
  const interrupted = new AbortController();
  const onSignal = (): void =>
    interrupted.abort(
      new SextantError('SX_BUNDLE_FAILED', 'interrupted', { nextStep: 'the bundle was cancelled; create it again' }),
    );
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  try {
    const asked = await client.send<BundleJob>('POST', 'bundles', {
      since: options.since,
      ...(options.until !== undefined && { until: options.until }),
      nodes: options.node,
      roles: options.role,
      redaction: options.redact,
    });
    const progress = options.json
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
  client: ApiClient,
  asked: BundleJob,
  progress: BundleProgress,
  signal: AbortSignal,
): Promise<BundleJob> {
  let job = asked;
  for (;;) {
    progress.update(job);
    if (job.state === 'complete' || job.state === 'partial') return job;
    if (job.state === 'failed' || job.state === 'cancelled') {
      throw new SextantError(
        'SX_BUNDLE_FAILED',
        `bundle ${job.id} ${job.state}: ${job.error ?? 'no reason was given'}`,
      );
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

/** What protects the content, or that nothing does. */
function redactionLine({ bundle, masked }: Coverage): string {
  const replaced = Object.values(masked).reduce((sum, count) => sum + count, 0);
  const redacted =
    bundle.redaction === 'none'
      ? 'NOT REDACTED: passwords, names and addresses stand in it as they were'
      : `Redacted (${bundle.redaction}): ${replaced} values replaced`;
  const sealed =
    bundle.recipients > 0
      ? `encrypted to ${bundle.recipients} recipients`
      : 'NOT ENCRYPTED: no recipients are configured (collector.bundles.recipients, docs/redaction.md)';
  return `${redacted}; ${sealed}\n`;
}

/** The local collector's own key, if this user may read it: then the copy's origin is proven, not only declared. */
function localKey(dataDir: string): ReturnType<typeof parsePublicKey> | undefined {
  const path = join(dataDir, 'collector', 'keys', 'sextant.pub');
  return existsSync(path) ? parsePublicKey(readFileSync(path, 'utf8')) : undefined;
}

async function report(job: BundleJob, path: string, options: BundleCreateOptions): Promise<void> {
  const key = options.url === undefined ? localKey(options.dataDir) : undefined;
  const verified = await verifyBundle(path, key ? { keys: [key] } : {});
  if (!verified.ok || !verified.coverage) {
    const faults = verified.parts.filter((part) => !part.ok).map((part) => `${part.part} (${part.detail})`);
    throw new SextantError('SX_BUNDLE_INVALID', `the copy in ${path} is not sound: ${faults.join(', ')}`);
  }
  const { coverage } = verified;
  if (coverage.bundle.state === 'partial') process.exitCode = 3;
  // The job has the nodes' own names; in the bundle they stand under pseudonyms.
  const gaps = job.items.filter((source) => isGap(source.state as CoverageState));
  const nameOf = (at: number, shown: string): string => job.nodes[at] ?? shown;
  const nodes = coverage.nodes.map((entry, at) => ({ ...entry, node: nameOf(at, entry.node) }));
  const lost = nodes.filter((node) => node.state !== 'gathered');
  if (options.json) {
    const states: Record<string, number> = {};
    for (const { state } of coverage.sources) states[state] = (states[state] ?? 0) + 1;
    const summary = {
      nodes: nodes.map(({ node, state, reason }) => ({ node, state, reason })),
      sources: states,
      gaps: gaps.map(({ node, source, state, reason }) => ({ node, source, state, reason })),
      masked: coverage.masked,
      redaction: coverage.bundle.redaction,
      recipients: coverage.bundle.recipients,
    };
    const { id, bytes } = job;
    await print(`${JSON.stringify({ id, path, state: coverage.bundle.state, bytes, coverage: summary })}\n`);
    return;
  }
  const missing = [
    ...lost.map((node) => `  ${node.node}: ${node.state}, ${node.reason ?? ''}`),
    ...gaps.map(
      (gap) => `  ${gap.node === collectorNode ? '' : `${gap.node} `}${gap.source}: ${gap.state}, ${gap.reason ?? ''}`,
    ),
  ];
  if (missing.length > 0) await print(`Missing:\n${missing.map(printable).join('\n')}\n`);
  await print(
    `${coverage.bundle.state === 'complete' ? 'Complete' : 'Partial'}: ${formatBytes(job.bytes)}, checked, signed with key ${verified.keyId}\n${redactionLine(coverage)}${path}\n`,
  );
}
