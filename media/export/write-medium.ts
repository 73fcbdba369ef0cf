import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { hashFile } from '../../bundle/manifest.ts';
import { syncFolder, writeFileAtomic } from '../../durable/atomic-write.ts';
import { makeFolder } from '../../durable/make-folder.ts';
import { SextantError } from '../../errors/sextant-error.ts';
import { copyPart } from './copy-part.ts';
import type { ExportJournal } from './journal.ts';
import type { Medium } from './medium.ts';
import type { Part } from './parts.ts';
import { type ReadBack, readBack } from './read-back.ts';
import { formatReceipt, type PartReceipt, type Receipt, receiptName } from './receipt.ts';

/** How an export tells where it is. */
export interface ExportProgress {
  /** A part begins: `copy`, `check` after it, or `recheck` of what was there already. */
  part(step: 'copy' | 'check' | 'recheck', part: Part): void;
  bytes(step: 'copy' | 'check' | 'recheck', bytes: number): void;
  /** The medium is gone, and waited for; then it is back. */
  waiting(folder: string, reason: string, waitMs: number): void;
  back(folder: string): void;
}

interface MediumWork {
  medium: Medium;
  /** The source, and the bundle's name. */
  bundlePath: string;
  bundle: string;
  payload: readonly Part[];
  tags: readonly Part[];
  receipt: Receipt;
  journal: ExportJournal;
  progress: ExportProgress;
  waitMs: number;
  signal: AbortSignal;
  nowMs: () => number;
}

/**
 * A medium that is there but answers with errors gets this many tries, this far apart: a device that is just going away,
 * or has just come back, is not told from a broken one before that.
 */
const maxFaults = 5;
const faultPauseMs = 500;

/**
 * Brings the parts onto one medium and reads every one of them back; descriptions and signature last, so that what was
 * cut off never looks whole. When the medium goes away it waits, checks what is there again, and goes on at the first
 * part that is missing. Fills the receipt and leaves it beside the bundle. Returns the bundle's path on the medium.
 *
 * Throws SX_MEDIUM_GONE, SX_MEDIUM_FULL, SX_MEDIUM_FAULTY, SX_BUNDLE_INVALID (the source), or the signal's reason.
 */
export async function writeMedium(work: MediumWork): Promise<string> {
  const { medium, bundle, receipt, journal, progress, signal } = work;
  let faults = 0;
  for (;;) {
    try {
      return await writeAll(work);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof SextantError) throw error;
      const reason = (error as Error).message;
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') {
        throw new SextantError('SX_MEDIUM_FULL', `${medium.folder} is full: ${reason}`, { cause: error });
      }
      const there = await medium.isThere();
      if (there && ++faults >= maxFaults) {
        throw new SextantError('SX_MEDIUM_FAULTY', `${medium.folder} cannot be used: ${reason}`, { cause: error });
      }
      if (!there) {
        const at = new Date(work.nowMs()).toISOString();
        const interruption: Receipt['interruptions'][number] = { at, reason, backAt: null };
        receipt.interruptions.push(interruption);
        journal.record({ event: 'lost', medium: receipt.medium.number, reason });
        progress.waiting(medium.folder, reason, work.waitMs);
        await medium.waitForReturn({ waitMs: work.waitMs, signal });
        interruption.backAt = new Date(work.nowMs()).toISOString();
        journal.record({ event: 'back', medium: receipt.medium.number, reason: `${bundle} goes on` });
        progress.back(medium.folder);
      } else await delay(faultPauseMs, undefined, { signal }).catch(() => signal.throwIfAborted());
      // Whatever was checked before may not have survived: it is all read back again.
      receipt.parts = [];
    }
  }
}

async function writeAll(work: MediumWork): Promise<string> {
  const { medium, bundle, payload, tags, receipt, journal } = work;
  // Not a `.partial` folder that gets its name at the end: FAT drivers are known to lose the content of a folder that is
  // renamed. Without the signature, which comes last, nothing takes this for a bundle.
  const folder = join(medium.pinned, bundle);
  writeReceipt(medium.pinned, receipt);
  makeFolder(folder, 0o755);
  for (const part of [...payload, ...tags]) {
    await demandMedium(medium);
    receipt.parts.push((await recheck(work, folder, part)) ?? (await copyAndCheck(work, folder, part)));
  }
  syncFolder(medium.pinned);
  receipt.state = 'complete';
  receipt.finishedAt = new Date(work.nowMs()).toISOString();
  writeReceipt(medium.pinned, receipt);
  await demandMedium(medium);
  await demandWhole(folder, [...payload, ...tags]);
  journal.record({ event: 'medium-done', medium: receipt.medium.number });
  return join(medium.folder, bundle);
}

/** What was read back must still be there at the end, under its name. */
async function demandWhole(folder: string, parts: readonly Part[]): Promise<void> {
  for (const part of parts) {
    const found = await stat(join(folder, part.path));
    if (found.size !== part.bytes) throw new Error(`${part.path} has ${found.size} bytes, not ${part.bytes}`);
  }
}

function writeReceipt(folder: string, receipt: Receipt): void {
  writeFileAtomic(join(folder, receiptName(receipt.bundle)), formatReceipt(receipt), 0o644);
}

/** What is there already and reads back right; a part that does not is removed, to be written again. */
async function recheck(work: MediumWork, folder: string, part: Part): Promise<PartReceipt | undefined> {
  const path = join(folder, part.path);
  const there = await stat(path).catch((error) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!there) return undefined;
  work.progress.part('recheck', part);
  const back = await readPart(work, path, 'recheck');
  if (back.sha512 === part.sha512) return receiptOf(work, part, back, null);
  work.journal.record({ event: 'refused', medium: work.receipt.medium.number, part: part.path });
  await rm(path);
  return undefined;
}

async function copyAndCheck(work: MediumWork, folder: string, part: Part): Promise<PartReceipt> {
  const { medium, bundlePath, signal, journal, progress, receipt } = work;
  const { number } = receipt.medium;
  progress.part('copy', part);
  await copyPart(part, {
    from: bundlePath,
    to: folder,
    device: medium.device,
    signal,
    onBytes: (bytes) => progress.bytes('copy', bytes),
  });
  await demandMedium(medium);
  const writtenAt = new Date(work.nowMs()).toISOString();
  journal.record({ event: 'written', medium: number, part: part.path });
  progress.part('check', part);
  const path = join(folder, part.path);
  const back = await readPart(work, path, 'check');
  if (back.sha512 === part.sha512) return receiptOf(work, part, back, writtenAt);
  journal.record({ event: 'refused', medium: number, part: part.path });
  await rm(path, { force: true }).catch(() => undefined);
  // Who is wrong: the medium, or the source?
  const source = await hashFile(join(bundlePath, part.path), signal);
  if (source.sha512 !== part.sha512) {
    throw new SextantError('SX_BUNDLE_INVALID', `${join(bundlePath, part.path)} is not what its manifest says`);
  }
  throw new SextantError(
    'SX_MEDIUM_FAULTY',
    `${join(medium.folder, work.bundle, part.path)} reads back other than it was written (${back.bytes} bytes)`,
  );
}

const readPart = (work: MediumWork, path: string, step: 'check' | 'recheck'): Promise<ReadBack> =>
  readBack(path, {
    device: work.medium.device,
    signal: work.signal,
    onBytes: (bytes) => work.progress.bytes(step, bytes),
  });

function receiptOf(work: MediumWork, part: Part, back: ReadBack, writtenAt: string | null): PartReceipt {
  work.journal.record({ event: 'checked', medium: work.receipt.medium.number, part: part.path });
  const { path, sha512 } = part;
  const checkedAt = new Date(work.nowMs()).toISOString();
  return { path, bytes: back.bytes, sha512, writtenAt, checkedAt, readBack: back.method };
}

async function demandMedium(medium: Medium): Promise<void> {
  if (await medium.isThere()) return;
  throw Object.assign(new Error('the medium is not there'), { code: 'ENODEV' });
}
