import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { AgeIdentity } from '../../bundle/age/key.ts';
import { analyzeBundle } from '../../bundle/analysis/analyze-bundle.ts';
import { findingsBase } from '../../bundle/analysis/analyze-staging.ts';
import { hashFile } from '../../bundle/manifest.ts';
import { isRawPath } from '../../bundle/raw-volume.ts';
import { type BundleEntry, readSoundBundle, type SoundBundle } from '../../bundle/sound-bundle.ts';
import { nodeOfBase, telemetryBase } from '../../bundle/volume-name.ts';
import { SextantError } from '../../errors/sextant-error.ts';
import { readAlerts, readInventory } from './bundle-documents.ts';
import type { Case } from './case-folder.ts';
import type { CaseBundle } from './case-records.ts';
import { namedWhenCaseIsFull } from './full-case.ts';
import { importTelemetry } from './import-telemetry.ts';
import { unknownSamples } from './known-samples.ts';
import { caseNodeName } from './node-name.ts';

export interface ImportOptions {
  identities?: readonly AgeIdentity[] | undefined;
  /** Files with further analyzers. */
  rules?: readonly string[];
  /** A folder for plaintext while it is read. */
  scratch: string;
  signal?: AbortSignal | undefined;
  onStep?: (step: { what: 'analyzing' | 'importing' | 'settling'; lines: number }) => void;
}

export interface Imported {
  bundle: CaseBundle;
  /** False when it was in the case already; then only its findings were made anew. */
  fresh: boolean;
  /** Records and samples that were there before. */
  duplicates: number;
}

const filesPerTransaction = 1000;
const isNdjson = (path: string, folder: string): boolean => path.startsWith(`${folder}/`) && path.endsWith('.ndjson');

/**
 * Takes a sound bundle into a case: telemetry into the tables, alerts, inventories and coverage beside them, the files of
 * nodes into an index; and runs the analyzers of this release. May be done again: what is in already stays as it is.
 * Throws SX_BUNDLE_INVALID when it is not who it says it is, SX_DISK_FULL.
 */
export async function importBundle(target: Case, sound: SoundBundle, options: ImportOptions): Promise<Imported> {
  try {
    return await takeBundle(target, sound, options);
  } catch (error) {
    throw await namedWhenCaseIsFull(error, target.root);
  }
}

async function takeBundle(target: Case, sound: SoundBundle, options: ImportOptions): Promise<Imported> {
  const { records } = target;
  const { signal, scratch, identities, onStep } = options;
  const { coverage, report } = sound;
  const { id } = coverage.bundle;
  const { sha512: manifest } = await hashFile(join(sound.folder, 'tagmanifest-sha512.txt'), signal);
  const known = records.bundles();
  const before = known.find((bundle) => bundle.id === id);
  demandSame(sound, manifest, known);

  onStep?.({ what: 'analyzing', lines: 0 });
  const nowMs = Date.now();
  const findings = await analyzeBundle(sound, { identities, scratch, rules: options.rules ?? [], nowMs, signal });
  if (before?.complete && sound.damaged.length === 0) {
    const bundle = { ...before, findings };
    records.save(bundle);
    return { bundle, fresh: false, duplicates: 0 };
  }
  const bundle: CaseBundle = {
    id,
    name: coverage.bundle.name,
    site: coverage.bundle.site,
    manifest,
    keyId: report.keyId ?? '',
    trust: report.trust,
    coverage,
    alerts: [],
    findings,
    damaged: sound.damaged,
    records: 0,
    samples: 0,
    unread: 0,
    complete: false,
  };
  records.save(bundle);

  const home = records.homeSite(bundle.site);
  const nodeOf = (node: string): string => caseNodeName(home, bundle.site, node);
  const receivedMs = Date.parse(coverage.bundle.finishedAt);
  target.receivedAt(Number.isNaN(receivedMs) ? nowMs : receivedMs);
  const epoch = epochOf(sound);
  const { from, until } = coverage.bundle;
  const overlaps = known.some((other) => {
    const window = other.coverage.bundle;
    return other.site === bundle.site && window.from < until && from < window.until;
  });
  let lines = 0;
  const telemetry = importTelemetry({
    journal: target.journal,
    epoch,
    nodeOf,
    ...(overlaps && { unknown: (node, samples) => unknownSamples(target.store, node, epoch, samples) }),
    signal,
    onBatch: (batch) => {
      lines += batch;
      onStep?.({ what: 'importing', lines });
    },
  });
  const files: Parameters<typeof records.saveFile>[0][] = [];
  const saveFiles = (): void =>
    records.together(() => {
      for (const file of files.splice(0)) records.saveFile(file);
    });
  /** Nodes, as paths name them, of which the collector had records. */
  const streamed = new Set<string>();

  const visit = async (entry: BundleEntry): Promise<void> => {
    const { base, path, volume, bytes, modifiedMs } = entry;
    if (isRawPath(path)) return;
    const collectors = base === telemetryBase;
    if (!collectors && base !== findingsBase && !entry.continues) {
      files.push({ bundle: id, node: nodeOf(nodeOfBase(base)), path, bytes, modifiedMs, volume });
      if (files.length >= filesPerTransaction) saveFiles();
    }
    // A node's own logs only where the collector had nothing of it: else each record would be there twice.
    if (isNdjson(path, 'logs')) {
      if (collectors) streamed.add(path.split('/')[1] ?? '');
      return collectors || !streamed.has(nodeOfBase(base)) ? telemetry.take(entry, 'logs') : undefined;
    }
    if (isNdjson(path, 'metrics')) return telemetry.take(entry, 'metrics');
    if (collectors && path === 'alerts.json') {
      bundle.alerts = (await readAlerts(entry)).map((alert) => ({
        ...alert,
        id: `${id}:${alert.id}`,
        node: alert.node === '' ? '' : nodeOf(alert.node),
      }));
    }
    if (path.startsWith('inventory/') && path.endsWith('.json')) {
      const inventory = await readInventory(entry);
      const node = path.slice('inventory/'.length).replace(/\.json$/, '');
      if (inventory) records.saveInventory(id, nodeOf(node), inventory);
    }
  };
  const ordered = [...sound.volumes].sort(
    (a, b) => Number(b.base === telemetryBase) - Number(a.base === telemetryBase),
  );
  await readSoundBundle({ volumes: ordered }, { identities, scratch, signal }, visit);
  await telemetry.finish();
  saveFiles();
  onStep?.({ what: 'settling', lines });
  await target.settle(signal);
  const { counts } = telemetry;
  Object.assign(bundle, {
    records: counts.records,
    samples: counts.samples,
    unread: counts.unread,
    complete: sound.damaged.length === 0,
  });
  records.save(bundle);
  return { bundle, fresh: true, duplicates: counts.duplicates };
}

/** What of it is sound is part of it: a whole copy that comes later must not be taken for what is there. */
function epochOf({ coverage, damaged, volumes }: SoundBundle): string {
  if (damaged.length === 0) return coverage.bundle.id;
  const sound = createHash('sha256')
    .update(volumes.map(({ part }) => part).join('\n'))
    .digest('hex');
  return `${coverage.bundle.id}-${sound.slice(0, 16)}`;
}

function demandSame({ coverage, report }: SoundBundle, manifest: string, known: readonly CaseBundle[]): void {
  const { id, name, site } = coverage.bundle;
  const twin = known.find((bundle) => bundle.id === id);
  if (twin && twin.manifest !== manifest) {
    throw new SextantError('SX_BUNDLE_INVALID', `${name} is refused: the case holds another bundle of this id`, {
      nextStep: 'import it into a case of its own with --to, and ask the site which of the two is theirs',
    });
  }
  const other = known.find((bundle) => bundle.site === site && bundle.keyId !== report.keyId);
  if (other && report.trust === 'self-declared') {
    throw new SextantError(
      'SX_BUNDLE_INVALID',
      `${name} is refused: it is signed with key ${report.keyId}, ${other.name} of the same site with key ${other.keyId}`,
      { nextStep: 'ask the site whether its key was changed; then name the new one with --key' },
    );
  }
}
