import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pinnedRecipients } from '../../../bundle/age/recipients.ts';
import { askedClasses, checkClasses } from '../../../bundle/asked-classes.ts';
import { formatBundleName } from '../../../bundle/bundle-name.ts';
import type { BundleCaps, CapClass } from '../../../bundle/caps.ts';
import { loadSigningKey, type MinisignPublicKey } from '../../../bundle/minisign-key.ts';
import type { RedactionProfile } from '../../../bundle/redaction/profile.ts';
import type { NameKind } from '../../../bundle/redaction/pseudonyms.ts';
import { createUnfinished } from '../../../bundle/unfinished.ts';
import type { BundleItemProgress } from '../../api/shapes/bundles.ts';
import { createControlHub } from '../../control/hub.ts';
import { createAuditTrail } from '../../state/audit.ts';
import { capsOf } from '../bundle-limits.ts';
import type { BundleRecord } from '../bundle-record.ts';
import { type RunningBundle, runBundle } from '../run-bundle.ts';
import { createSitePseudonyms } from '../site-pseudonyms.ts';
import { type OfflineSite, type OfflineSiteRequest, withOfflineSite } from './offline-site.ts';

export interface OfflineRequest extends OfflineSiteRequest {
  out: string;
  fromUnixMs: number;
  untilUnixMs: number;
  /** Empty: every enrolled node, every syslog peer and every OTLP sender. */
  nodes: string[];
  roles: string[];
  /** Of content; all when absent or empty. */
  classes?: CapClass[];
  redaction: RedactionProfile;
  /** Limits of size in place of the configured ones. */
  caps?: BundleCaps;
  /** What is stored as Parquet too. */
  parquet?: boolean;
  requestedBy: string;
  signal: AbortSignal;
  onItems(items: BundleItemProgress[]): void;
}

export interface OfflineBundle {
  id: string;
  path: string;
  bytes: number;
  nodes: string[];
  items: BundleItemProgress[];
  key: MinisignPublicKey;
  /** What the site's own records could not be told of this bundle; undefined when they were. */
  unrecorded: string | undefined;
}

/** Stays free on the medium that the bundle is written to, which need not be the site's disk. */
const reserveBytes = 64 * 2 ** 20;

/**
 * Makes a bundle of what a collector has on disk, without the collector: tables, journal files that were not applied yet,
 * nodes, alerts, inventories, audit. Nothing in the data folder is changed but what its own state is told. Throws SX_NOT_FOUND
 * (a node), SX_REDACTION_LEAK, SX_BAD_REQUEST (Parquet of classes that have none).
 */
export const writeOfflineBundle = async (asked: OfflineRequest): Promise<OfflineBundle> => {
  // The site's view becomes the working folder, and goes at the end with all that lies in it.
  const request = { ...asked, dataDir: resolve(asked.dataDir), out: resolve(asked.out) };
  checkClasses({ ...request, classes: request.classes ?? [] });
  return withOfflineSite(request, request.out, (site) => write(request, site));
};

async function write(request: OfflineRequest, site: OfflineSite): Promise<OfflineBundle> {
  const { settings: told, nowMs, out, log } = request;
  const { folder, state, store, registry, alerts, redactionKey, notes } = site;
  const key = loadSigningKey(join(folder, 'keys'));
  const nodes = await site.asked(request);
  const id = randomBytes(8).toString('hex');
  const createdUnixMs = nowMs();
  const classes = askedClasses(request.classes ?? []);
  const record: BundleRecord = {
    ...{ id, createdUnixMs, finishedUnixMs: null, bytes: 0, error: null, items: [], state: 'gathering' },
    name: formatBundleName({ site: told['site.name'], createdMs: createdUnixMs, id }),
    fromUnixMs: request.fromUnixMs,
    untilUnixMs: request.untilUnixMs,
    requestedBy: request.requestedBy,
    origin: 'request',
    attempts: 1,
    removedUnixMs: null,
    nodes,
    roles: request.roles,
    classes,
    redaction: request.redaction,
    caps: capsOf(request.caps, told, classes),
    raw: false,
    parquet: request.parquet ?? false,
  };
  const staging = join(out, `${record.name}.partial`);
  createUnfinished(folder).begin(staging);
  const met = new Map<string, [NameKind, string]>();
  const pseudonyms = createSitePseudonyms(state, redactionKey, nowMs);
  const run = runBundle(
    record,
    {
      ...{ folder: out, store, registry, alerts, key, redactionKey, settings: told, nowMs, notes, log },
      journalFolder: join(request.dataDir, 'collector', 'journal'),
      hub: createControlHub({ onHandlerError: (error) => log.warn({ err: error }, 'BUG: nobody is connected') }),
      audit: site.audit,
      recipients: pinnedRecipients(told['collector.bundles.recipients']),
      pseudonyms: {
        ...pseudonyms,
        record: (kind, name) => {
          met.set(`${kind}\0${name}`, [kind, name]);
          pseudonyms.record(kind, name);
        },
      },
    },
    { reachWithinMs: 0, settleMs: 0, unreachable: site.unreachable, minFreeBytes: reserveBytes },
    () => undefined,
  );
  const { bytes, items } = await follow(run, request).catch(async (error: unknown) => {
    await rm(staging, { recursive: true, force: true });
    throw error;
  });
  return {
    ...{ id, bytes, items, nodes: record.nodes },
    path: join(out, record.name),
    key: key.publicKey,
    unrecorded: tellSite(request, record, redactionKey, [...met.values()]),
  };
}

async function follow(run: RunningBundle, request: OfflineRequest): ReturnType<() => RunningBundle['finished']> {
  const cancel = (): void => run.cancel(request.signal.reason);
  request.signal.addEventListener('abort', cancel, { once: true });
  const timer = setInterval(() => request.onItems(run.live.items()), 300);
  try {
    const finished = await run.finished;
    request.onItems(finished.items);
    return finished;
  } finally {
    clearInterval(timer);
    request.signal.removeEventListener('abort', cancel);
  }
}

/**
 * Writes into the site's own state what must be known later: what the new pseudonyms stand for, and that this bundle was
 * made. A hanging collector is not waited for: then it says why it could not.
 */
function tellSite(
  { dataDir, nowMs }: OfflineRequest,
  record: BundleRecord,
  redactionKey: Uint8Array,
  names: [NameKind, string][],
): string | undefined {
  try {
    const database = new DatabaseSync(join(dataDir, 'collector', 'state.db'), { timeout: 2000 });
    try {
      database.exec('BEGIN IMMEDIATE');
      const state = { database } as Parameters<typeof createSitePseudonyms>[0];
      const site = createSitePseudonyms(state, redactionKey, nowMs);
      for (const [kind, name] of names) site.record(kind, name);
      createAuditTrail(state, { nowMs }).record('bundle.made-offline', record.requestedBy, {
        ...{ bundle: record.id, nodes: record.nodes, roles: record.roles, redaction: record.redaction },
        ...(record.classes.length > 0 && { classes: record.classes }),
      });
      database.exec('COMMIT');
      return undefined;
    } finally {
      database.close();
    }
  } catch (error) {
    return (error as Error).message;
  }
}
