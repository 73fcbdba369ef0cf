import { randomBytes } from 'node:crypto';
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative } from 'node:path';
import { writeFileAtomic } from '../../durable/atomic-write.ts';
import { SextantError } from '../../errors/sextant-error.ts';
import { type Drive, type DriveSystem, driveId, type EjectStep } from '../drives/drive.ts';
import { type ExportJournal, type JournalEntry, openJournal, unfinishedExport } from './journal.ts';
import { openMedium } from './medium.ts';
import { type Part, readParts } from './parts.ts';
import { checkDevice, type ExportPolicy } from './policy.ts';
import { checkFitness } from './preflight.ts';
import { beginReceipt, formatReceipt, type Receipt, receiptName } from './receipt.ts';
import { type Spread, spreadParts } from './spread.ts';
import { type ExportProgress, writeMedium } from './write-medium.ts';

export interface ExportRequest {
  /** The bundle's folder. */
  bundlePath: string;
  /** Folders on the media, in order; the first takes as much as fits. */
  targets: readonly string[];
  /** Go on with an export of this bundle that did not finish. */
  resume: boolean;
  /** Fill these media although not everything fits; the rest goes to others later. */
  split: boolean;
  /** Unmount at the end: always, never, or what is removable. */
  eject: 'always' | 'never' | 'removable';
  who: string;
  /** Names of those who approved what this tag manifest names. Throws SX_EXPORT_REFUSED when they are too few. */
  approve: (tagManifest: Buffer) => string[];
  policy: Pick<ExportPolicy, 'allowedDevices'>;
  /** How long a medium that went away is waited for. */
  waitMs: number;
  signal: AbortSignal;
}

interface ExportedMedium {
  path: string;
  receipt: Receipt;
  ejected: EjectStep[];
}

export interface ExportResult {
  exportId: string;
  bundle: string;
  /** What this call carried. */
  media: ExportedMedium[];
  /** Parts that are on no medium yet. */
  missing: string[];
  journalPath: string;
}

interface ExportCapabilities {
  drives: DriveSystem;
  progress: ExportProgress;
  nowMs: () => number;
  /** What has just been written to the journal. */
  onStep?: (entry: JournalEntry, exportId: string) => void;
}

/**
 * Carries a bundle onto one medium or several: preflight, copy, read-back, receipt, eject; each step is in the journal
 * beside the bundle before the next begins. Every medium that it returns was read back whole.
 *
 * Throws SX_BUNDLE_INVALID, SX_EXPORT_REFUSED (policy), SX_MEDIUM_UNFIT, SX_MEDIUM_FULL, SX_MEDIUM_GONE,
 * SX_MEDIUM_FAULTY, SX_CONFLICT (something of that name is there), or the signal's reason.
 */
export async function exportBundle(request: ExportRequest, capabilities: ExportCapabilities): Promise<ExportResult> {
  const { bundlePath, policy, who, split, signal } = request;
  const bundle = basename(bundlePath);
  const { payload, tags, tagManifest } = await readParts(bundlePath);
  const approvedBy = request.approve(tagManifest);
  /** By folder, as the policy has looked at them. */
  const planned = new Map<string, Drive>();
  for (const target of request.targets) {
    const folder = await targetFolder(target, bundlePath);
    const drive = await capabilities.drives.of(folder);
    checkDevice(policy, drive);
    await checkFitness(folder, drive, [...payload, ...tags]);
    if (!request.resume) await demandUntouched(folder, bundle);
    planned.set(folder, drive);
  }
  const earlier = request.resume ? await unfinishedExport(bundlePath) : undefined;
  const exportId = earlier ?? randomBytes(6).toString('hex');
  const { nowMs, onStep = () => undefined } = capabilities;
  const journal = openJournal(bundlePath, exportId, { nowMs, onStep: (entry) => onStep(entry, exportId) });
  try {
    if (earlier === undefined) journal.record({ event: 'planned', exportId, bundle, who, approvedBy });
    const spread = await spreadParts([...planned.keys()], { bundle, payload, tags, journal, split });
    const media: ExportedMedium[] = [];
    for (const load of spread.loads) {
      signal.throwIfAborted();
      media.push(await carry(load, spread, journal));
    }
    const carried = journal.carried();
    const missing = payload.filter((part) => !carried.has(part.path)).map((part) => part.path);
    if (missing.length === 0) journal.record({ event: 'finished' });
    return { exportId, bundle, media, missing, journalPath: journal.path };
  } catch (error) {
    journal.record({ event: 'interrupted', reason: (error as Error).message });
    throw error;
  } finally {
    journal.close();
  }

  async function carry(
    { folder, number, parts }: Spread['loads'][number],
    { mediumOf, total }: Spread,
    journal: ExportJournal,
  ): Promise<ExportedMedium> {
    const { drives, progress, nowMs } = capabilities;
    const medium = await openMedium(folder, drives, {
      name: receiptName(bundle),
      matches: (text) => text.includes(`"exportId": "${exportId}"`),
    });
    const { drive } = medium;
    const before = planned.get(folder);
    if (!before || driveId(before) !== driveId(drive)) {
      await medium.release();
      throw new SextantError('SX_MEDIUM_GONE', `${folder} lies on another filesystem than a moment ago`);
    }
    const { serial, volumeId } = drive;
    journal.record({ event: 'medium', medium: number, folder, identity: { serial, volumeId } });
    const startedAt = new Date(nowMs()).toISOString();
    const receipt = beginReceipt({ exportId, bundle, who, approvedBy, drive, number, of: total, startedAt });
    const here = new Set(parts.map((part: Part) => part.path));
    receipt.elsewhere = payload
      .filter((part) => !here.has(part.path))
      .map(({ path }) => ({ path, medium: mediumOf.get(path) ?? null }));
    const { waitMs } = request;
    const work = {
      medium,
      bundlePath,
      bundle,
      payload: parts,
      tags,
      receipt,
      journal,
      progress,
      waitMs,
      signal,
      nowMs,
    };
    const path = await writeMedium(work).finally(medium.release);
    const copy = join(dirname(bundlePath), `${bundle}.receipt-${exportId}-${number}.json`);
    writeFileAtomic(copy, formatReceipt(receipt));
    const wanted = request.eject === 'always' || (request.eject === 'removable' && medium.drive.removable);
    const ejected = wanted ? await drives.eject(medium.drive) : [];
    for (const { step, done, detail } of ejected) {
      journal.record({ event: 'ejected', medium: number, detail: `${step}: ${done ? 'done' : 'not done'}, ${detail}` });
    }
    return { path, receipt, ejected };
  }
}

/** The target as it really is. It is never made: where a stick is missing, its mount point's folder would fill up. */
async function targetFolder(target: string, bundlePath: string): Promise<string> {
  try {
    const folder = await realpath(target);
    if (!(await stat(folder)).isDirectory()) throw new Error('it is not a folder');
    const source = await realpath(bundlePath);
    const within = relative(source, folder);
    const inside = within === '' || (!within.startsWith('..') && !isAbsolute(within));
    if (folder === dirname(source) || inside) throw new Error('the bundle lies there');
    return folder;
  } catch (cause) {
    throw new SextantError('SX_MEDIUM_UNFIT', `cannot export to ${target}: ${(cause as Error).message}`, {
      cause,
      nextStep: 'name a folder that is there, or a drive as `sextant drives` shows it',
    });
  }
}

async function demandUntouched(folder: string, bundle: string): Promise<void> {
  const path = join(folder, bundle);
  if (!(await stat(path).catch(() => undefined))) return;
  throw new SextantError('SX_CONFLICT', `${path} is there already`, {
    nextStep: 'add --resume to check what is there and complete it, or remove that folder',
  });
}
