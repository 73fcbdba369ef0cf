import { existsSync } from 'node:fs';
import { win32 } from 'node:path';
import { windowsFolder } from '../../config/environment.ts';

/** Fixed places rather than PATH: a service's PATH differs from a person's, and root runs what is found here. */
const linuxFolders = ['/usr/sbin', '/usr/bin', '/sbin', '/bin', '/usr/local/sbin', '/usr/local/bin'];

/** Path of a program (`smartctl`), undefined where it is not installed. */
export function findProgram(name: string, platform: NodeJS.Platform = process.platform): string | undefined {
  return placesOf(name, platform).find((path) => existsSync(path));
}

function placesOf(name: string, platform: NodeJS.Platform): string[] {
  if (platform !== 'win32') return linuxFolders.map((folder) => `${folder}/${name}`);
  const programs = windowsFolder('ProgramFiles');
  return [
    win32.join(windowsFolder('SystemRoot'), 'System32', `${name}.exe`),
    win32.join(programs, 'smartmontools', 'bin', `${name}.exe`),
    win32.join(programs, 'NVIDIA Corporation', 'NVSMI', `${name}.exe`),
    win32.join(programs, 'NUT', 'bin', `${name}.exe`),
  ];
}
