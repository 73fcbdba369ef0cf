import { SextantError } from '../../errors/sextant-error.ts';
import { type Drive, driveId } from '../../media/drives/drive.ts';
import { checkDevice } from '../../media/export/policy.ts';
import type { DriveRow } from '../api/shapes/exports.ts';

/**
 * Throws SX_EXPORT_REFUSED for a drive that the site does not allow, SX_MEDIUM_UNFIT for one that cannot be written. Over
 * the API a site whose list is empty allows none.
 */
export function demandDrive(drive: Drive, allowedDevices: readonly string[]): void {
  if (allowedDevices.length === 0) {
    throw new SextantError('SX_EXPORT_REFUSED', 'this site allows no drive for exports over the API', {
      nextStep: `add the drive’s serial number or volume id (${drive.serial ?? drive.volumeId}) to media.devices in sextant.yaml`,
    });
  }
  checkDevice({ allowedDevices }, drive);
  if (drive.readOnlyBecause !== null) {
    throw new SextantError('SX_MEDIUM_UNFIT', `${drive.path} is read-only: ${drive.readOnlyBecause}`);
  }
}

/** A drive as the API tells of it, with why nothing may be exported to it. */
export function driveRow(drive: Drive, allowedDevices: readonly string[]): DriveRow {
  const { removableBecause: _, readOnlyBecause: __, ...rest } = drive;
  let refusal: string | null = null;
  try {
    demandDrive(drive, allowedDevices);
  } catch (error) {
    refusal = (error as Error).message;
  }
  return { id: driveId(drive), ...rest, refusal };
}
