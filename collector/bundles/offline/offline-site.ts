import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { loadRedactionKey } from '../../../bundle/redaction/key.ts';
import type { Settings } from '../../../config/settings.ts';
import type { Log } from '../../../logging/log.ts';
import { type Alerts, createAlerts } from '../../alerts/alerts.ts';
import { createNodeCertificates } from '../../identity/node-certificates.ts';
import { createQuarantine } from '../../journal/quarantine.ts';
import { recoverJournal } from '../../journal/recover.ts';
import { createPeerRegistry } from '../../nodes/peer-registry.ts';
import { createNodeRegistry, type NodeRegistry } from '../../nodes/registry.ts';
import { type AuditTrail, createAuditTrail } from '../../state/audit.ts';
import { openState, type State } from '../../state/state.ts';
import { createStore } from '../../store/clickhouse-store.ts';
import type { Store } from '../../store/store.ts';
import { askedNodes } from '../asked-nodes.ts';
import { openDataView } from './data-view.ts';

export interface OfflineSiteRequest {
  dataDir: string;
  settings: Settings;
  /** Why the collector is not asked, as a clause: `the collector is not running`. */
  because: string;
  log: Log;
  nowMs: () => number;
}

/** What a collector has on disk, opened without it. */
export interface OfflineSite {
  /** The view: keys and state.db lie in it, and nothing of it reaches the original. */
  folder: string;
  state: State;
  store: Store;
  registry: NodeRegistry;
  alerts: Alerts;
  audit: AuditTrail;
  redactionKey: Buffer;
  /** How it was read, and what could not be. */
  notes: string[];
  /** What is said of nodes. */
  unreachable: string;
  /** The names that a bundle is about. Throws SX_NOT_FOUND for one that nobody has. */
  asked(request: { nodes: readonly string[]; fromUnixMs: number; untilUnixMs: number }): Promise<string[]>;
}

/**
 * Opens a data folder through a view (data-view.ts), journal files that were not applied yet included, for as long as `work`
 * takes. The view becomes this process's working folder; can be called once in a process. `elsewhere` takes the view where
 * nothing can be written beside the folder.
 */
export async function withOfflineSite<T>(
  asked: OfflineSiteRequest,
  elsewhere: string,
  work: (site: OfflineSite) => Promise<T>,
): Promise<T> {
  // What is relative would be somewhere else in a moment.
  const request = { ...asked, dataDir: resolve(asked.dataDir) };
  const view = await openDataView(request.dataDir, resolve(elsewhere));
  try {
    // The engine keeps compiled schemas in the working folder.
    process.chdir(view.folder);
    return await inView(request, view.folder, work);
  } finally {
    process.chdir(tmpdir());
    await view.close();
  }
}

async function inView<T>(
  { settings: told, because, log, nowMs }: OfflineSiteRequest,
  folder: string,
  work: (site: OfflineSite) => Promise<T>,
): Promise<T> {
  const notes = [
    `Made without the collector: ${because}. Its data folder was read as it lay on disk. No node was asked for anything: what is known of them is what they had streamed until then.`,
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
    return await work({
      ...{ folder, state, store, registry, notes },
      alerts: createAlerts({ store, state, registry, peers, journal: { troubles: () => [] }, log, nowMs }, settings),
      audit: createAuditTrail(state, { nowMs }),
      redactionKey: loadRedactionKey(join(folder, 'keys')),
      unreachable: `not asked: ${because}`,
      asked: (asked) => askedNodes({ registry, peers, store, log }, asked),
    });
  } finally {
    await store.close();
    state.close();
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
