import { formatBytes } from '../bundle/report-format.ts';
import type { Drive } from '../media/drives/drive.ts';
import { driveSystem } from '../media/drives/system.ts';
import { wantsColor } from './color.ts';
import { print } from './output.ts';
import { formatTable } from './table.ts';

export async function listDrives({ all, json }: { all: boolean; json?: boolean }): Promise<void> {
  const drives = (await (await driveSystem()).list()).filter((drive) => all || drive.removable);
  if (json) return print(`${JSON.stringify(drives)}\n`);
  if (drives.length === 0) {
    return print('No removable drive is mounted. --all shows every filesystem, and why it does not count.\n');
  }
  const bytes = (value: number | null): string => (value === null ? '?' : formatBytes(value));
  await print(
    formatTable<Drive>(
      drives,
      [
        { title: 'PATH', text: (drive) => drive.path },
        { title: 'DEVICE', text: (drive) => drive.device },
        { title: 'BUS', text: (drive) => drive.bus },
        { title: 'MODEL', text: (drive) => [drive.vendor, drive.model].filter(Boolean).join(' ') || '-' },
        { title: 'SERIAL', text: (drive) => drive.serial ?? '-' },
        { title: 'FILESYSTEM', text: (drive) => drive.filesystem },
        { title: 'VOLUME', text: (drive) => drive.label ?? drive.volumeId ?? '-' },
        { title: 'FREE', align: 'right', text: (drive) => bytes(drive.freeBytes) },
        { title: 'SIZE', align: 'right', text: (drive) => bytes(drive.totalBytes) },
        {
          title: 'WRITABLE',
          text: (drive) => (drive.readOnlyBecause === null ? 'yes' : `no: ${drive.readOnlyBecause}`),
          color: (drive) => (drive.readOnlyBecause === null ? 'green' : 'red'),
        },
        {
          title: all ? 'REMOVABLE' : '',
          text: (drive) => `${all ? `${drive.removable ? 'yes' : 'no'}: ` : ''}${drive.removableBecause}`,
        },
      ],
      wantsColor(process.stdout),
    ),
  );
}
