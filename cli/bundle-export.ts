import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isBundleName } from '../bundle/bundle-name.ts';
import { formatBytes } from '../bundle/report-format.ts';
import { loadSettings } from '../config/load.ts';
import { SextantError } from '../errors/sextant-error.ts';
import type { DriveSystem } from '../media/drives/drive.ts';
import { driveSystem } from '../media/drives/system.ts';
import { type ExportResult, exportBundle } from '../media/export/export-bundle.ts';
import { checkApprovals } from '../media/export/policy.ts';
import type { BundleExportOptions } from './bundle-export-command.ts';
import { jsonExportProgress, plainExportProgress, terminalExportProgress } from './bundle-export-progress.ts';
import { theOne } from './bundle-id.ts';
import { openExportAudit } from './export-audit.ts';
import { unreadable } from './named-path.ts';
import { print } from './output.ts';
import { printable } from './printable.ts';
import { demandReadableData } from './readable-data.ts';
import { userName } from './user-name.ts';

/** Exports a bundle; leaves exit code 3 when parts of it are on no medium yet, or a drive could not be ejected. */
export async function exportToMedia(named: string, options: BundleExportOptions): Promise<void> {
  const drives = await driveSystem();
  const bundlePath = await findBundle(named, options.dataDir);
  const targets = await Promise.all(options.to.map((target) => findTarget(target, drives)));
  const settings = loadSettings({
    dataDir: options.dataDir,
    ...(options.config !== undefined && { configFile: options.config }),
  });
  const signatures = await Promise.all(options.approval.map((path) => readApproval(path)));
  const who = userName();
  const policy = {
    allowedDevices: settings['media.devices'],
    approvers: settings['media.approvers'],
    approvals: settings['media.approvals'],
  };
  const audit = openExportAudit(bundlePath, { dataDir: options.dataDir, who });
  const interrupted = new AbortController();
  const onSignal = (): void => {
    // Asked twice: a device that hangs is not waited for. What is on it is checked again by --resume.
    if (interrupted.signal.aborted) process.exit(1);
    interrupted.abort(
      new SextantError('SX_BUNDLE_FAILED', 'interrupted', { nextStep: 'run the same command with --resume to go on' }),
    );
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  const progress = options.json
    ? jsonExportProgress((text) => process.stdout.write(text))
    : process.stderr.isTTY
      ? terminalExportProgress()
      : plainExportProgress((text) => process.stderr.write(text));
  try {
    const result = await exportBundle(
      {
        bundlePath,
        targets,
        resume: options.resume,
        split: options.split,
        eject: options.eject === undefined ? 'removable' : options.eject ? 'always' : 'never',
        who,
        approve: (tagManifest) => checkApprovals(policy, { tagManifest, signatures, who }),
        policy,
        waitMs: options.wait * 1000,
        signal: interrupted.signal,
      },
      { drives, progress, nowMs: Date.now, ...(audit && { onStep: audit.note }) },
    );
    await progress.close(true);
    await report(result, options);
  } catch (error) {
    await progress.close(false);
    if (error instanceof SextantError && error.code === 'SX_EXPORT_REFUSED') {
      try {
        audit?.refused({ at: new Date().toISOString(), folder: targets.join(', '), reason: error.message });
      } catch (cause) {
        process.stderr.write(`The collector’s audit will not know of this: ${printable((cause as Error).message)}\n`);
      }
    }
    throw error;
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
    const untold = await audit?.tell();
    if (untold !== undefined) {
      process.stderr.write(
        `The collector’s audit does not know of this yet: ${printable(untold)}. The next export of this bundle tells it.\n`,
      );
    }
  }
}

/** A folder, or the id of a bundle of this machine's collector, or how it begins. */
async function findBundle(named: string, dataDir: string): Promise<string> {
  const path = resolve(named);
  if ((await stat(path).catch(() => undefined))?.isDirectory()) return path;
  demandReadableData(dataDir);
  const folder = join(dataDir, 'collector', 'bundles');
  if (existsSync(folder)) {
    const names = (await readdir(folder)).filter(isBundleName);
    const all = names.map((name) => ({ id: name.slice(name.lastIndexOf('-') + 1), of: name }));
    const found = named === '' ? undefined : theOne(named, all);
    if (found) return join(folder, found);
  }
  throw new SextantError(
    'SX_NOT_FOUND',
    `there is no bundle ${named}: neither a folder nor the id of one in ${folder}`,
    {
      nextStep: 'see `sextant bundle list`; of a collector elsewhere, export the folder that `bundle create` wrote',
    },
  );
}

/** A folder, or a drive by its device, serial number, volume or label. */
async function findTarget(text: string, drives: DriveSystem): Promise<string> {
  if ((await stat(resolve(text)).catch(() => undefined))?.isDirectory()) return resolve(text);
  const found = (await drives.list()).filter(({ device, serial, volumeId, label }) =>
    [device, serial, volumeId, label].includes(text),
  );
  if (found.length === 1 && found[0]) return found[0].path;
  throw new SextantError(
    'SX_MEDIUM_UNFIT',
    found.length === 0 ? `--to: there is no folder and no drive ${text}` : `--to: ${text} are several drives`,
    { nextStep: 'mount the medium; `sextant drives` shows what there is' },
  );
}

async function readApproval(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause) => {
    throw unreadable(path, cause, '--approval');
  });
}

async function report(result: ExportResult, options: BundleExportOptions): Promise<void> {
  const { exportId, bundle, media, missing, journalPath } = result;
  const stuck = media.flatMap(({ ejected }) => ejected.filter(({ step, done }) => step !== 'power-off' && !done));
  if (missing.length > 0 || stuck.length > 0) process.exitCode = 3;
  if (options.json) {
    await print(`${JSON.stringify({ event: 'done', exportId, bundle, media, missing, journalPath })}\n`);
    return;
  }
  for (const { path, receipt, ejected } of media) {
    const bytes = receipt.parts.reduce((sum, part) => sum + part.bytes, 0);
    const methods = [...new Set(receipt.parts.map((part) => part.readBack))];
    await print(
      `${printable(path)}\n  ${receipt.parts.length} parts, ${formatBytes(bytes)}, read back: ${methods.map(readBackText).join('; ')}\n`,
    );
    for (const { step, done, detail } of ejected) {
      await print(`  ${step}: ${done ? 'done' : `NOT DONE, ${printable(detail)}`}\n`);
    }
    if (ejected.length === 0) await print('  not ejected: everything is written out, unmount it before you pull it\n');
  }
  if (missing.length > 0) {
    await print(
      `${missing.length} parts are on no medium yet: ${missing.join(', ')}\n  → insert the next medium and run: sextant bundle export ${options.given} --to FOLDER --resume\n`,
    );
  } else await print(`All of ${bundle} is on ${media.length > 1 ? 'these media' : 'media'}, checked.\n`);
}

const readBackText = (method: string): string => {
  if (method === 'direct') return 'past the page cache (O_DIRECT)';
  if (method === 'dropped') return 'after the page cache was dropped';
  return 'through the page cache, which proves little: check again on another machine';
};
