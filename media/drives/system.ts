import { SextantError } from '../../errors/sextant-error.ts';
import type { DriveSystem } from './drive.ts';

/** The drives of this machine. Throws SX_MEDIUM_UNFIT on a system that Sextant cannot ask. */
export async function driveSystem(): Promise<DriveSystem> {
  if (process.platform === 'linux') return (await import('./system-linux.ts')).linuxDrives();
  if (process.platform === 'win32') return (await import('./system-windows.ts')).windowsDrives();
  throw new SextantError('SX_MEDIUM_UNFIT', `drives of ${process.platform} cannot be told apart`, {
    nextStep: 'export on Linux or Windows',
  });
}
