import { readdirSync } from 'node:fs';
import koffi from 'koffi';
import type { Mount } from '../mounts.ts';

const kernel32 = koffi.load('kernel32.dll');
const FindFirstVolumeW = kernel32.func('void *__stdcall FindFirstVolumeW(_Out_ uint16_t *name, uint32_t size)');
const FindNextVolumeW = kernel32.func(
  'int __stdcall FindNextVolumeW(void *search, _Out_ uint16_t *name, uint32_t size)',
);
const FindVolumeClose = kernel32.func('int __stdcall FindVolumeClose(void *search)');
const GetVolumePathNamesForVolumeNameW = kernel32.func(
  'int __stdcall GetVolumePathNamesForVolumeNameW(const char16_t *volume, _Out_ uint16_t *names, uint32_t size, _Out_ uint32_t *length)',
);
const GetDriveTypeW = kernel32.func('uint32_t __stdcall GetDriveTypeW(const char16_t *root)');
const GetVolumeInformationW = kernel32.func(
  'int __stdcall GetVolumeInformationW(const char16_t *root, _Out_ uint16_t *label, uint32_t labelSize, void *serial, void *longest, _Out_ uint32_t *flags, _Out_ uint16_t *filesystem, uint32_t filesystemSize)',
);

const invalidHandle = 0xffff_ffff_ffff_ffffn;
const fixedDrive = 3;
const readOnlyVolume = 0x0008_0000;
/** Where a cluster shows its shared volumes on every node; on nodes that do not own one it is no volume of theirs. */
const clusterStorage = 'C:\\ClusterStorage';

/** Fixed volumes that are mounted somewhere, and the shared volumes of a cluster, each once. */
export function listVolumes(): Mount[] {
  const mounts = new Map<string, Mount>();
  const name = new Uint16Array(260);
  const search: bigint | null = FindFirstVolumeW(name, name.length);
  if (search && search !== invalidHandle) {
    do {
      const volume = textOf(name);
      // The shortest place stands for the volume: the others show the same space.
      const place = placesOf(volume).sort((a, b) => a.length - b.length)[0];
      if (place !== undefined && GetDriveTypeW(place) === fixedDrive) addMount(mounts, place, volume);
    } while (FindNextVolumeW(search, name, name.length));
    FindVolumeClose(search);
  }
  // Wine and some containers tell of no volumes, but of drives.
  if (mounts.size === 0) {
    for (const letter of 'CDEFGHIJKLMNOPQRSTUVWXYZ') {
      if (GetDriveTypeW(`${letter}:\\`) === fixedDrive) addMount(mounts, `${letter}:\\`, `${letter}:`);
    }
  }
  for (const folder of foldersIn(clusterStorage)) {
    const place = `${clusterStorage}\\${folder}\\`;
    if (!mounts.has(place)) addMount(mounts, place, place);
  }
  return [...mounts.values()];
}

function addMount(mounts: Map<string, Mount>, place: string, device: string): void {
  const [label, filesystem] = [new Uint16Array(261), new Uint16Array(261)];
  const flags: [number] = [0];
  if (!GetVolumeInformationW(place, label, label.length, null, null, flags, filesystem, filesystem.length)) return;
  mounts.set(place, {
    deviceNumber: device,
    // `C:` and `C:\ClusterStorage\Volume1`, as people write them.
    mountpoint: place.replace(/\\$/, ''),
    device: textOf(label) || device,
    type: textOf(filesystem),
    mode: flags[0] & readOnlyVolume ? 'ro' : 'rw',
  });
}

function placesOf(volume: string): string[] {
  const names = new Uint16Array(4096);
  if (!GetVolumePathNamesForVolumeNameW(volume, names, names.length, [0])) return [];
  return Buffer.from(names.buffer).toString('utf16le').split('\0\0', 1).join('').split('\0').filter(Boolean);
}

const textOf = (text: Uint16Array): string =>
  Buffer.from(text.buffer, text.byteOffset, text.byteLength).toString('utf16le').split('\0', 1).join('');

function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
