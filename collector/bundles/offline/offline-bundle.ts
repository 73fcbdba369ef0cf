import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pinnedRecipients } from '../../../bundle/age/recipients.ts';
import { formatBundleName } from '../../../bundle/bundle-name.ts';
import type { BundleCaps } from '../../../bundle/caps.ts';
import { loadSigningKey, type MinisignPublicKey } from '../../../bundle/minisign-key.ts';
import { loadRedactionKey } from '../../../bundle/redaction/key.ts';
import type { RedactionProfile } from '../../../bundle/redaction/profile.ts';
import type { NameKind } from '../../../bundle/redaction/pseudonyms.ts';
import { createUnfinished } from '../../../bundle/unfinished.ts';
import type { Settings } from '../../../config/settings.ts';
import { SextantError } from '../../../errors/sextant-error.ts';
import type { Log } from '../../../logging/log.ts';
import { createAlerts } from '../../alerts/alerts.ts';
import type { BundleItemProgress } from '../../api/shapes/bundles.ts';
import { createControlHub } from '../../control/hub.ts';
import { createNodeCertificates } from '../../identity/node-certificates.ts';
import { createQuarantine } from '../../journal/quarantine.ts';
import { recoverJournal } from '../../journal/recover.ts';
import { createPeerRegistry } from '../../nodes/peer-registry.ts';
import { createNodeRegistry } from '../../nodes/registry.ts';
import { createAuditTrail } from '../../state/audit.ts';
import { openState } from '../../state/state.ts';
import { createStore } from '../../store/clickhouse-store.ts';
import type { Store } from '../../store/store.ts';
import { capsOf } from '../bundle-limits.ts';
import type { BundleRecord } from '../bundle-record.ts';
import { type RunningBundle, runBundle } from '../run-bundle.ts';
import { createSitePseudonyms } from '../site-pseudonyms.ts';
import { openDataView } from './data-view.ts';

export interface OfflineRequest {
  dataDir: string;
  settings: Settings;
  out: string;
  fromUnixMs: number;
  untilUnixMs: number;
  /** Empty: every enrolled node and every syslog peer. */
  nodes: string[];
  roles: string[];
  redaction: RedactionProfile;
  /** Limits of size in place of the configured ones. */
  caps?: BundleCaps;
  requestedBy: string;
  /** Why the collector was not asked, as a clause: `the collector is not running`. */
  because: string;
  log: Log;
  nowMs: () => number;
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

/**
 * Makes a bundle of what a collector has on disk, without the collector: tables, journal files that were not applied yet,
 * nodes, alerts, inventories, audit. The data folder is read through a view (data-view.ts). Becomes this process's
 * working folder, and can be called once in a process. Throws SX_NOT_FOUND (a node), SX_REDACTION_LEAK.
 */
export async function writeOfflineBundle(request: OfflineRequest): Promise<OfflineBundle> {
  const { out } = request;
  const view = await openDataView(request.dataDir, out);
  try {
    // The engine keeps compiled schemas in the working folder.
    process.chdir(view.folder);
    return await write(request, view.folder);
  } finally {
    process.chdir(out);
    await view.close();
  }
}

async function write(request: OfflineRequest, folder: string): Promise<OfflineBundle> {
  const { settings: told, nowMs, log, out } = request;
  const notes = [
    `Made without the collector: ${request.because}. Its data folder was read as it lay on disk. No node was asked for anything: what is known of them is what they had streamed until then.`,
  ];
  if (told['storage.url'] !== '') {
    notes.push(
      `Stored telemetry is on the server ${told['storage.url']}, which was not asked: there are only journal files that it had not taken.`,
    );
  }
  const settings: Settings = { ...told, 'storage.url': '' };
  const state = openState(folder, { nowMs });
  const store = createStore({ folder: join(folder, 'engine'), log, settings, nowMs, asItIs: true });
  await store.start();
  try {
    notes.push(...(await applyJournal(folder, store, { log, nowMs })));
    const certificates = createNodeCertificates(state, { nowMs });
    const onSaveFailed = (error: unknown): void => log.warn({ err: error }, 'cannot save into the view');
    const registry = createNodeRegistry(
      { state, certificates },
      { nowMs, onSaveFailed },
      { silentAfterMs: settings['collector.nodes.silentAfter'] },
    );
    const peers = createPeerRegistry(
      { state, configured: [] },
      { nowMs, onSaveFailed, onTooMany: () => undefined },
      { silentAfterMs: settings['collector.syslog.silentAfter'], forgetAfterMs: Number.MAX_SAFE_INTEGER },
    );
    const key = loadSigningKey(join(folder, 'keys'));
    const redactionKey = loadRedactionKey(join(folder, 'keys'));
    const known = [...registry.list(), ...peers.list()].map(({ node }) => node);
    const unknown = request.nodes.find((node) => !known.includes(node));
    if (unknown !== undefined) throw new SextantError('SX_NOT_FOUND', `there is no node ${unknown}`);
    const id = randomBytes(8).toString('hex');
    const createdUnixMs = nowMs();
    const record: BundleRecord = {
      ...{ id, createdUnixMs, finishedUnixMs: null, bytes: 0, error: null, items: [], state: 'gathering' },
      name: formatBundleName({ site: settings['site.name'], createdMs: createdUnixMs, id }),
      fromUnixMs: request.fromUnixMs,
      untilUnixMs: request.untilUnixMs,
      requestedBy: request.requestedBy,
      origin: 'request',
      attempts: 1,
      removedUnixMs: null,
      nodes: request.nodes.length > 0 ? request.nodes : known,
      roles: request.roles,
      redaction: request.redaction,
      caps: capsOf(request.caps, settings),
      raw: false,
    };
    const staging = join(out, `${record.name}.partial`);
    createUnfinished(folder).begin(staging);
    const met = new Map<string, [NameKind, string]>();
    const pseudonyms = createSitePseudonyms(state, redactionKey, nowMs);
    const run = runBundle(
      record,
      {
        ...{ folder: out, store, registry, key, redactionKey, settings: told, nowMs, notes },
        journalFolder: join(request.dataDir, 'collector', 'journal'),
        hub: createControlHub({ onHandlerError: onSaveFailed }),
        alerts: createAlerts({ store, state, registry, peers, journal: { troubles: () => [] }, log, nowMs }, settings),
        audit: createAuditTrail(state, { nowMs }),
        recipients: pinnedRecipients(settings['collector.bundles.recipients']),
        pseudonyms: {
          ...pseudonyms,
          record: (kind, name) => {
            met.set(`${kind}\0${name}`, [kind, name]);
            pseudonyms.record(kind, name);
          },
        },
      },
      { reachWithinMs: 0, settleMs: 0, unreachable: `not asked: ${request.because}` },
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
  } finally {
    await store.close();
    state.close();
  }
}

async function follow(run: RunningBundle, request: OfflineRequest): ReturnType<() => RunningBundle['finished']> {
  const cancel = (): void => run.cancel(request.signal.reason);
  request.signal.addEventListener('abort', cancel, { once: true });
  const timer = setInterval(() => request.onItems(run.items()), 300);
  try {
    const finished = await run.finished;
    request.onItems(finished.items);
    return finished;
  } finally {
    clearInterval(timer);
    request.signal.removeEventListener('abort', cancel);
  }
}

/** Stores the journal files of the view; returns what had to be left out of them. */
async function applyJournal(
  folder: string,
  store: Store,
  { log, nowMs }: { log: Log; nowMs(): number },
): Promise<string[]> {
  const journal = join(folder, 'journal');
  const quarantine = createQuarantine(join(journal, 'quarantine'), { log, nowMs });
  const { files, quarantined } = await recoverJournal(journal, { log, quarantine });
  const notes: string[] = [];
  if (quarantined > 0) notes.push(`${quarantined} damaged batches of the journal were passed over.`);
  for (const file of files) {
    try {
      await store.insertJournalFile(file, { again: true });
    } catch (error) {
      log.warn({ err: error, file: file.name }, 'a journal file cannot be read');
      const records = file.records === undefined ? '' : ` with ${file.records} records`;
      notes.push(
        `The journal file ${file.name}${records} could not be read and is not in this bundle: ${(error as Error).message.slice(0, 300)}`,
      );
    }
  }
  return notes;
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
