import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { AgeRecipient } from '../../bundle/age/key.ts';
import { analyzeStaging, writeFindingsVolume } from '../../bundle/analysis/analyze-staging.ts';
import { withoutEvidence } from '../../bundle/analysis/finding.ts';
import { isAskedFor } from '../../bundle/asked-classes.ts';
import type { SourceMaxBytes } from '../../bundle/caps.ts';
import { type Coverage, collectorNode } from '../../bundle/coverage.ts';
import { encryptPayload } from '../../bundle/encrypt-payload.ts';
import type { MinisignSecretKey } from '../../bundle/minisign-key.ts';
import { checkRaw, rawBase } from '../../bundle/raw-volume.ts';
import { redactCoverage } from '../../bundle/redact-coverage.ts';
import { createThreadedFirstPass } from '../../bundle/redaction/first-pass/threaded-first-pass.ts';
import { createRedactor } from '../../bundle/redaction/redactor.ts';
import { renderReport } from '../../bundle/report.ts';
import { sealBundle } from '../../bundle/seal.ts';
import { createStaging } from '../../bundle/staging.ts';
import { parseVolumeName } from '../../bundle/volume-name.ts';
import type { Settings } from '../../config/settings.ts';
import { freeBytes } from '../../durable/free-space.ts';
import { SextantError } from '../../errors/sextant-error.ts';
import type { Log } from '../../logging/log.ts';
import type { Alerts } from '../alerts/alerts.ts';
import type { BundleItemProgress, BundleState } from '../api/shapes/bundles.ts';
import type { ControlHub } from '../control/hub.ts';
import { openQuarantine } from '../journal/quarantine-box.ts';
import type { NodeRegistry } from '../nodes/registry.ts';
import { peerName } from '../receive/syslog/peers.ts';
import type { AuditTrail } from '../state/audit.ts';
import type { Store } from '../store/store.ts';
import { byKind } from './asked-nodes.ts';
import { buildCoverage } from './bundle-coverage.ts';
import { isLimited } from './bundle-limits.ts';
import { bundleNotes } from './bundle-notes.ts';
import type { BundleRecord } from './bundle-record.ts';
import { droppedDays } from './dropped-days.ts';
import { estimateDeadlineMs, planBundle } from './estimate/bundle-estimate.ts';
import { firstEnrolled } from './first-enrolled.ts';
import { foreseeStored } from './foresee-stored.ts';
import { createIncomingVolumes, type IncomingVolumes } from './incoming-volumes.ts';
import { createLiveItems, type LiveItems } from './live-items.ts';
import { type NodeGather, startNodeGather } from './node-gather.ts';
import { nodeWindow } from './node-window.ts';
import { maxNamesPerRequest, namesOfSite } from './own-names.ts';
import { type CopiesCapabilities, createParquetCopies, type ParquetCopies } from './parquet/parquet-copies.ts';
import { pause } from './pause.ts';
import { readReportCharts } from './report-charts.ts';
import type { SitePseudonyms } from './site-pseudonyms.ts';
import { readSiteRecords } from './site-records.ts';
import { writeTelemetryVolume } from './telemetry-volume.ts';
import { withUnknownRoles } from './unknown-roles.ts';

export interface RunCapabilities {
  /** Where finished bundles lie. */
  folder: string;
  /** The collector's journal, with what it put aside. */
  journalFolder: string;
  store: Pick<Store, 'query' | 'local'>;
  hub: ControlHub;
  registry: Pick<NodeRegistry, 'list' | 'inventory'>;
  alerts: Pick<Alerts, 'list'>;
  audit: AuditTrail;
  key: MinisignSecretKey;
  redactionKey: Buffer;
  /** Who can open the bundles; none: they are not encrypted. */
  recipients: readonly AgeRecipient[];
  pseudonyms: SitePseudonyms;
  settings: Settings;
  log: Log;
  nowMs: () => number;
  /** How this bundle comes about, where it is not by asking the nodes. */
  notes?: string[];
}

export interface RunOptions {
  reachWithinMs: number;
  /** Records reach the store this long after they were made; a window that ends now waits for them. */
  settleMs: number;
  /** What is said of a node that cannot be asked. */
  unreachable?: string;
  /** Stays free where the bundle is written; collector.storage.minFreeBytes when absent. */
  minFreeBytes?: number;
}

/** One job while it runs. */
export interface RunningBundle {
  /** Resolves with the bundle's state and size; rejects when it was cancelled or could not be written. */
  readonly finished: Promise<{ state: 'complete' | 'partial'; bytes: number; items: BundleItemProgress[] }>;
  live: Pick<LiveItems, 'items' | 'unbegunBytes'>;
  /** Undefined before there is a place for volumes, and for a node that is not asked any more. */
  volumesOf(node: string): IncomingVolumes | undefined;
  cancel(reason: Error): void;
}

/** Makes one bundle: asks the nodes in parallel, adds what the collector has, seals. A lost node or source never stops it. */
export function runBundle(
  record: BundleRecord,
  capabilities: RunCapabilities,
  options: RunOptions,
  onState: (state: BundleState) => void,
): RunningBundle {
  const { settings, nowMs, hub, registry } = capabilities;
  const abort = new AbortController();
  const { signal } = abort;
  const { nodes, senders, peers } = byKind(record.nodes);
  const { pseudonyms } = capabilities;
  const names = namesOfSite({
    nodes: [...registry.list().map((row) => row.node), ...peers.map(peerName)],
    inventories: nodes.flatMap((node) => registry.inventory(node) ?? []),
    recorded: pseudonyms.names(maxNamesPerRequest),
  });
  const redactor = createRedactor({
    key: capabilities.redactionKey,
    profile: record.redaction,
    names,
    onName: pseudonyms.record,
    ...(availableParallelism() > 1 ? { firstPass: createThreadedFirstPass } : {}),
  });
  let gathers: NodeGather[] = [];
  let incoming: IncomingVolumes | undefined;
  const live = createLiveItems({ gathers: () => gathers, nowMs });

  /** What keeps each source within the bundle's limits: nobody can share them before it is known how much there is. */
  const planLimits = async (): Promise<SourceMaxBytes> => {
    if (!isLimited(record.caps)) return {};
    const deadlineMs = Math.min(estimateDeadlineMs, settings['collector.bundles.nodeDeadline'] / 4);
    const { limits, estimate } = await planBundle(capabilities, { ...record, asked: record.nodes, deadlineMs, signal });
    live.foresee(estimate.sources);
    return limits;
  };

  const gatherNodes = async (staging: string, limits: SourceMaxBytes): Promise<Awaited<NodeGather['outcome']>[]> => {
    // From here on a cancellation ends what asks the nodes; one that came before has found nothing to end.
    signal.throwIfAborted();
    const volumes = createIncomingVolumes(join(staging, 'incoming'), {
      minFreeBytes: settings['collector.storage.minFreeBytes'],
      nameOf: redactor.node,
      raw: record.raw,
    });
    incoming = volumes;
    const offsets = new Map(registry.list().map((row) => [row.node, row.clockOffsetMs]));
    gathers = nodes.map((node) =>
      startNodeGather(
        node,
        { hub, nowMs, isComplete: volumes.isComplete },
        {
          bundleId: record.id,
          attempt: record.attempts,
          ...nodeWindow(record, offsets.get(node)),
          roles: record.roles,
          classes: record.classes,
          limits,
          redactionKey: capabilities.redactionKey.toString('hex'),
          redaction: record.redaction,
          ...(record.raw && { rawRecipients: capabilities.recipients.map(({ text }) => text) }),
          names,
          onNames: (met) => {
            for (const { kind, name } of met) pseudonyms.record(kind, name);
          },
          deadlineMs: settings['collector.bundles.nodeDeadline'],
          reachWithinMs: options.reachWithinMs,
          unreachable: options.unreachable,
        },
      ),
    );
    const outcomes = await Promise.all(gathers.map((gather) => gather.outcome));
    signal.throwIfAborted();
    const leak = outcomes.findIndex((outcome) => outcome.leak);
    if (leak !== -1) throw new SextantError('SX_REDACTION_LEAK', `${nodes[leak]}: ${outcomes[leak]?.reason}`);
    return outcomes;
  };

  const copiesIn = (scratch: string): ParquetCopies | undefined => {
    if (!record.parquet) return undefined;
    const { store, log } = capabilities;
    const onFailed: CopiesCapabilities['onFailed'] = (err, { path }) =>
      log.warn({ bundle: record.id, lines: path, err }, 'no Parquet was made of these lines');
    const minFreeBytes = options.minFreeBytes ?? settings['collector.storage.minFreeBytes'];
    return createParquetCopies({ engine: store.local, freeBytes, onFailed }, { scratch, minFreeBytes, signal });
  };

  const run = async (): Promise<{ state: 'complete' | 'partial'; bytes: number; items: BundleItemProgress[] }> => {
    // Settings may have changed since it was asked for.
    checkRaw(record, capabilities.recipients.length);
    await mkdir(capabilities.folder, { recursive: true, mode: 0o700 });
    const staging = await createStaging(capabilities.folder, record.name);
    onState('gathering');
    const limits = await planLimits();
    const outcomes = await foreseeStored(record, capabilities, { live, signal }, async () => {
      const gathered = await gatherNodes(staging, limits);
      const waitMs = record.untilUnixMs + options.settleMs - nowMs();
      if (waitMs > 0) await pause(waitMs, signal);
      return gathered;
    });

    onState('writing');
    const data = join(staging, 'data');
    const nodeVolumes = (await incoming?.settle(data)) ?? new Map<string, { name: string; bytes: number }[]>();
    const records = await readSiteRecords(capabilities, { ...record, asked: record.nodes, nodes }, signal);
    const { alerts, inventories } = records;
    const enrolled = firstEnrolled(capabilities.audit, record);
    const parquet = copiesIn(join(staging, 'parquet'));
    const telemetry = await writeTelemetryVolume({
      parquet,
      folder: data,
      store: capabilities.store,
      redactor,
      nodes,
      // The collector stores what it measures of itself under a name that no node can have.
      streams: [...nodes, ...senders, collectorNode],
      peers,
      limits,
      classes: record.classes,
      fromUnixMs: record.fromUnixMs,
      untilUnixMs: record.untilUnixMs,
      signal,
      onProgress: live.wrote,
      records,
      quarantined: openQuarantine(capabilities.journalFolder).list(),
      dropped: droppedDays(capabilities.audit, record),
      enrolledMs: (node) => enrolled.get(node),
      nowMs,
    }).finally(() => parquet?.close());
    const hasRaw = [...nodeVolumes.values()].flat().some(({ name }) => parseVolumeName(name)?.base === rawBase);
    const notes = bundleNotes(record, { hasRaw, before: capabilities.notes });
    const rows = registry.list();
    const coverageWith = (sealed: Map<string, { name: string; bytes: number }>): Coverage =>
      buildCoverage({
        recipients: capabilities.recipients.length,
        record,
        site: settings['site.name'],
        notes,
        nowMs: nowMs(),
        nodes: nodes.map((node, at) => ({
          node,
          row: rows.find((row) => row.node === node),
          inventory: inventories.find((known) => known.node === node)?.inventory,
          outcome: outcomes[at] ?? { state: 'failed', reason: 'BUG: no outcome' },
          volumes: (nodeVolumes.get(node) ?? []).map((volume) => sealed.get(volume.name) ?? volume),
        })),
        sources: [
          ...withUnknownRoles(
            gathers.flatMap((gather, at) => gather.sources(outcomes[at] ?? { state: 'failed', reason: null })),
            { roles: record.roles, nodes },
          ),
          ...telemetry.sources,
        ],
      });
    // What is read is what leaves: redacted, so that a finding can tell no more than the volumes do.
    const found = await analyzeStaging(data, redactCoverage(coverageWith(new Map()), redactor), {
      nowMs: nowMs(),
      signal,
    });
    const { recipients } = capabilities;
    if (recipients.length > 0) await writeFindingsVolume(data, found, nowMs());
    const findings = recipients.length > 0 ? withoutEvidence(found) : found;
    const known = coverageWith(await encryptPayload(data, recipients, signal));
    const coverage = redactCoverage(known, redactor);
    const window = { fromUnixMs: record.fromUnixMs, untilUnixMs: record.untilUnixMs, nodes };
    const report = renderReport({
      coverage,
      findings,
      alerts: redactor.document(alerts, {}),
      inventories: inventories.map(({ node, inventory }) => ({
        node: redactor.node(node),
        ...redactor.document(inventory, {}),
      })),
      controlPlane: redactor.document(records.controlPlane, {}),
      charts: isAskedFor(record.classes, 'metrics')
        ? await readReportCharts(capabilities.store, window, { redactor, signal })
        : undefined,
    });
    const sealed = await sealBundle({
      stagingFolder: staging,
      coverage,
      findings,
      report,
      key: capabilities.key,
      signal,
    });
    return { state: coverage.bundle.state, bytes: sealed.bytes, items: live.finished(known.sources) };
  };

  const finished = run().finally(redactor.close);
  finished.catch(() => undefined);
  return {
    finished,
    live,
    volumesOf: (node) => (nodes.includes(node) ? incoming : undefined),
    cancel: (reason) => {
      abort.abort(reason);
      for (const gather of gathers) gather.cancel();
    },
  };
}
