import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { pinnedRecipients } from '../../bundle/age/recipients.ts';
import { analyzeStaging, writeFindingsVolume } from '../../bundle/analysis/analyze-staging.ts';
import { withoutEvidence } from '../../bundle/analysis/finding.ts';
import { askedClasses, onNodes } from '../../bundle/asked-classes.ts';
import { formatBundleName } from '../../bundle/bundle-name.ts';
import type { CapClass } from '../../bundle/caps.ts';
import type { Coverage, CoverageSource } from '../../bundle/coverage.ts';
import { encryptPayload } from '../../bundle/encrypt-payload.ts';
import { safeSegment } from '../../bundle/entry-path.ts';
import { loadSigningKey, type MinisignPublicKey } from '../../bundle/minisign-key.ts';
import { redactCoverage } from '../../bundle/redact-coverage.ts';
import { loadRedactionKey } from '../../bundle/redaction/key.ts';
import type { RedactionProfile } from '../../bundle/redaction/profile.ts';
import { createRedactor } from '../../bundle/redaction/redactor.ts';
import { renderReport } from '../../bundle/report.ts';
import { sealBundle } from '../../bundle/seal.ts';
import { createStaging } from '../../bundle/staging.ts';
import { createUnfinished } from '../../bundle/unfinished.ts';
import { nodeBase, telemetryBase } from '../../bundle/volume-name.ts';
import { createVolumeWriter } from '../../bundle/volume-writer.ts';
import type { Settings } from '../../config/settings.ts';
import { makeFolder } from '../../durable/make-folder.ts';
import type { FileQuestions } from '../filesystems/file-questions.ts';
import { loadIdentityName } from '../identity/identity.ts';
import { collectInventory, type Inventory } from '../inventory/collect.ts';
import { runGatherJob } from '../jobs/gather-job.ts';
import { ownNames } from '../jobs/own-names.ts';
import type { LocalFault } from '../profile/fallback/fall-back.ts';
import type { Profile } from '../profile/profile.ts';
import { damageGaps, findDamage } from './damage.ts';
import { gatheredSources } from './gathered-sources.ts';
import { listKept } from './kept-file.ts';
import { createLook, type KeptRequest } from './kept-telemetry.ts';
import { nodeCoverage } from './node-coverage.ts';
import { type NodePseudonyms, openNodePseudonyms } from './node-pseudonyms.ts';
import { profileGap } from './profile-gap.ts';
import { ringGap } from './ring-gap.ts';
import { openWorkFolder, type WorkFolder } from './work-folder.ts';
import { writeKept } from './write-kept.ts';

export interface NodeBundleOptions {
  dataDir: string;
  settings: Settings;
  profile: Profile;
  /** What is wrong with the node's own files, where the profile is what is gone on with. */
  profileFault?: LocalFault | undefined;
  /** Folder that gets the bundle; made when missing. */
  out: string;
  fromUnixMs: number;
  untilUnixMs: number;
  /** Of this process. */
  questions: FileQuestions;
  /** Empty: all. */
  roles: string[];
  /** Of content; all when absent or empty. */
  classes?: CapClass[];
  redaction: RedactionProfile;
  signal: AbortSignal;
  nowMs: () => number;
  /** What this machine is made of; it is asked when absent. */
  inventory?: () => Promise<Inventory>;
  /** Each source, whenever its state has changed. */
  onProgress(source: CoverageSource): void;
}

export interface NodeBundle {
  id: string;
  path: string;
  bytes: number;
  /** Of the key that it is signed with. */
  publicKey: MinisignPublicKey;
  /** With this node's own names; the bundle's has pseudonyms. */
  coverage: Coverage;
  /** The gaps of its coverage that are damaged files of the data folder. */
  damaged: CoverageSource[];
  /** Why what its pseudonyms stand for could not be written down on this node. */
  unrecorded: string | undefined;
  /** Staging folder of an earlier try that was killed; removed. */
  removed: string | undefined;
}

/** For all roles together; each item has a deadline of its own. */
const gatherDeadlineMs = 30 * 60_000;
const inventoryTimeoutMs = 60_000;

/** Where a node's own keys, its notes and its own bundles lie. */
export const collectFolder = (dataDir: string): string => join(dataDir, 'agent', 'collect');

/**
 * Writes a whole bundle of this node without anybody's help: no collector, no network, no database, whether or not the
 * agent runs. It has what the profile's roles say, what the spool and the ring have kept, and the inventory; it is sealed
 * with the node's own key. All of it is there when this returns, or nothing.
 * Throws SX_DATA_FOLDER_HELD (another one is being written), SX_DATA_FOLDER, SX_REDACTION_LEAK, SX_CONFIG_INVALID (recipients).
 */
export async function writeNodeBundle(options: NodeBundleOptions): Promise<NodeBundle> {
  const { dataDir, nowMs, out } = options;
  const work = openWorkFolder(collectFolder(dataDir), { role: 'sextant agent collect', nowMs: nowMs() });
  try {
    const unfinished = createUnfinished(work.path);
    const removed = await unfinished.clean();
    makeFolder(out);
    const id = randomBytes(8).toString('hex');
    const createdMs = nowMs();
    const name = formatBundleName({ site: options.settings['site.name'], createdMs, id });
    const stagingFolder = join(out, `${name}.partial`);
    unfinished.begin(stagingFolder);
    try {
      const staging = await createStaging(out, name);
      const written = await write(options, { id, name, createdMs, staging, work });
      await unfinished.end();
      return { id, ...written, removed };
    } catch (error) {
      await rm(stagingFolder, { recursive: true, force: true }).then(unfinished.end, () => undefined);
      throw error;
    }
  } finally {
    work.close();
  }
}

async function write(
  options: NodeBundleOptions,
  {
    id,
    name,
    createdMs,
    staging,
    work,
  }: Record<'id' | 'name' | 'staging', string> & { createdMs: number; work: WorkFolder },
): Promise<Omit<NodeBundle, 'id' | 'removed'>> {
  const { dataDir, settings, fromUnixMs, untilUnixMs, signal, nowMs } = options;
  const classes = askedClasses(options.classes ?? []);
  const node = nameOfNode(dataDir, settings);
  const data = join(staging, 'data');
  const key = loadSigningKey(join(work.path, 'keys'));
  const redactionKey = loadRedactionKey(join(work.path, 'keys'));
  const recipients = pinnedRecipients(settings['collector.bundles.recipients']);
  const names = [{ kind: 'host' as const, name: node }, ...ownNames()];
  const pseudonyms = openNodePseudonyms(work.path, redactionKey);
  const onName = pseudonyms.record;
  const redactor = createRedactor({ key: redactionKey, profile: options.redaction, names, onName });

  const damage = [...work.damage, ...findDamage(dataDir, settings, options.profileFault)];
  const damaged = damageGaps(node, { dataDir, damage });
  const faulty = [...damaged, ...profileGap(node, options.profileFault)];
  for (const source of faulty) options.onProgress(source);
  const gathered = gatheredSources(node, options.onProgress);
  const volumes = await runGatherJob({
    questions: options.questions,
    request: {
      type: 'gather',
      attempt: 1,
      bundleId: id,
      fromUnixMs,
      untilUnixMs,
      roles: options.roles,
      ...onNodes(classes),
      deadlineMs: gatherDeadlineMs,
      redaction: options.redaction,
      names: [],
    },
    profile: options.profile,
    node,
    base: nodeBase(redactor.node(node)),
    folder: data,
    dataDir,
    redactionKey,
    names,
    onName,
    nowMs,
    signal,
    onProgress: gathered.onProgress,
  });

  const writer = createVolumeWriter({ folder: data, base: telemetryBase });
  const sources: CoverageSource[] = [];
  const inventory = await (options.inventory ?? askInventory(nowMs))();
  const collectedAt = new Date(inventory.collectedUnixMs).toISOString();
  try {
    const files = await listKept(join(dataDir, 'agent'));
    const request: KeptRequest = {
      ...{ node, files, writer, redactor, fromUnixMs, untilUnixMs, signal },
      onProgress: options.onProgress,
      look: () => createLook({ lost: ringGap(dataDir, settings, files, { fromUnixMs, nowMs: createdMs }) }),
    };
    sources.push(...(await writeKept(request, classes)));
    const masked = {};
    const told = { node, collectedAt, facts: inventory.facts };
    const text = `${JSON.stringify(redactor.document(told, masked), null, 2)}\n`;
    const { bytes } = await writer.add(
      { path: `inventory/${safeSegment(redactor.node(node))}.json`, modifiedMs: inventory.collectedUnixMs },
      [Buffer.from(text)],
    );
    const missing = Object.keys((inventory.facts.missing as object | undefined) ?? {});
    sources.push({
      ...{ node, source: 'telemetry/inventory', bytes, first: collectedAt, last: collectedAt, masked },
      state: missing.length > 0 ? 'partial' : 'ok',
      reason: missing.length > 0 ? `without ${missing.join(', ')}` : null,
    });
    for (const source of sources) options.onProgress(source);
    await writer.close();
  } catch (error) {
    await writer.abandon();
    throw error;
  }

  const all = [...faulty, ...gathered.sources(), ...sources];
  const known = { id, name, node, createdMs, collectedAt, sources: all, recipients: recipients.length, nowMs: nowMs() };
  const named = nodeCoverage({ ...options, classes }, { ...known, volumes });
  // What is read is what leaves: redacted, so that a finding can tell no more than the volumes do.
  const found = await analyzeStaging(data, redactCoverage(named, redactor), { nowMs: nowMs(), signal });
  if (recipients.length > 0) await writeFindingsVolume(data, found, nowMs());
  const findings = recipients.length > 0 ? withoutEvidence(found) : found;
  const encrypted = await encryptPayload(data, recipients, signal);
  const coverage = nodeCoverage(
    { ...options, classes },
    {
      ...known,
      volumes: volumes.map((volume) => encrypted.get(volume.name) ?? volume),
    },
  );
  const shown = redactCoverage(coverage, redactor);
  const report = renderReport({
    coverage: shown,
    findings,
    alerts: undefined,
    inventories: [{ node: redactor.node(node), ...redactor.document({ collectedAt, facts: inventory.facts }, {}) }],
    charts: undefined,
  });
  const unrecorded = work.passing ?? saved(pseudonyms);
  const sealed = await sealBundle({ stagingFolder: staging, coverage: shown, findings, report, key, signal });
  return { ...sealed, publicKey: key.publicKey, coverage, damaged, unrecorded };
}

/** A full disk of the node keeps no bundle from a stick: why the names could not be written down. */
function saved(pseudonyms: NodePseudonyms): string | undefined {
  try {
    pseudonyms.save();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Asks this machine what it is made of, as long as a bundle may wait for it. */
export const askInventory = (nowMs: () => number) => (): Promise<Inventory> =>
  collectInventory({ timeoutMs: inventoryTimeoutMs, nowMs });

/** What the node is enrolled as; without an identity what it is configured as. */
export function nameOfNode(dataDir: string, settings: Settings): string {
  try {
    return loadIdentityName(dataDir).node;
  } catch {
    return settings['agent.node'] || hostname();
  }
}
