import koffi from 'koffi';
import { lastFailure } from '../../../agent/windows/failure.ts';

const kernel32 = koffi.load('kernel32.dll');
const GetLogicalDrives = kernel32.func('uint32_t __stdcall GetLogicalDrives()');
const GetDriveTypeW = kernel32.func('uint32_t __stdcall GetDriveTypeW(const char16_t *root)');
const GetVolumeInformationW = kernel32.func(
  'int __stdcall GetVolumeInformationW(const char16_t *root, _Out_ uint16_t *label, uint32_t labelLength, _Out_ uint32_t *serial, _Out_ uint32_t *longestName, _Out_ uint32_t *flags, _Out_ uint16_t *filesystem, uint32_t filesystemLength)',
);
const GetVolumePathNameW = kernel32.func(
  'int __stdcall GetVolumePathNameW(const char16_t *path, _Out_ uint16_t *root, uint32_t length)',
);
const GetVolumeNameForVolumeMountPointW = kernel32.func(
  'int __stdcall GetVolumeNameForVolumeMountPointW(const char16_t *mountPoint, _Out_ uint16_t *name, uint32_t length)',
);
const SetErrorMode = kernel32.func('uint32_t __stdcall SetErrorMode(uint32_t mode)');

/** What GetDriveTypeW answers, in its order. */
const driveTypes = ['unknown', 'no-root', 'removable', 'fixed', 'network', 'cdrom', 'ram-disk'] as const;
export type DriveType = (typeof driveTypes)[number];

const failCriticalErrors = 0x1;
const readOnlyVolume = 0x80000;

// An empty card reader would otherwise ask with a window for a disk, on a service's desktop that nobody sees.
SetErrorMode(failCriticalErrors);

const textOf = (buffer: Uint16Array): string => {
  const end = buffer.indexOf(0);
  return String.fromCharCode(...buffer.subarray(0, end < 0 ? buffer.length : end));
};

/** `C:\`, `E:\`, … of every letter that is given. */
export function driveRoots(): string[] {
  const mask: number = GetLogicalDrives();
  return Array.from({ length: 26 }, (_, bit) => bit)
    .filter((bit) => (mask >>> bit) & 1)
    .map((bit) => `${String.fromCharCode(65 + bit)}:\\`);
}

export const driveType = (root: string): DriveType => driveTypes[GetDriveTypeW(root)] ?? 'unknown';

export interface Volume {
  label: string | null;
  /** `1A2B-3C4D`, as Windows' own programs write it. */
  volumeId: string;
  /** `vfat` for FAT and FAT32, else in lower case: `exfat`, `ntfs`, `refs`. */
  filesystem: string;
  readOnly: boolean;
}

/** What the filesystem at this root says. Throws WindowsError: an empty slot, a drive that is locked by BitLocker. */
export function readVolume(root: string): Volume {
  const label = new Uint16Array(261);
  const filesystem = new Uint16Array(261);
  const [serial, longest, flags] = [[0], [0], [0]];
  const told = GetVolumeInformationW(root, label, label.length, serial, longest, flags, filesystem, filesystem.length);
  if (told === 0) throw lastFailure('GetVolumeInformationW');
  const hex = ((serial[0] ?? 0) >>> 0).toString(16).toUpperCase().padStart(8, '0');
  const name = textOf(filesystem).toLowerCase();
  return {
    label: textOf(label) || null,
    volumeId: `${hex.slice(0, 4)}-${hex.slice(4)}`,
    filesystem: /^fat\d*$/.test(name) ? 'vfat' : name || 'unknown',
    readOnly: ((flags[0] ?? 0) & readOnlyVolume) !== 0,
  };
}

/** The root of the volume that a path lies on: a letter's, or the folder that it is mounted in. Throws WindowsError. */
export function volumeRoot(path: string): string {
  const root = new Uint16Array(1024);
  if (GetVolumePathNameW(path, root, root.length) === 0) throw lastFailure('GetVolumePathNameW');
  return textOf(root);
}

/** What `openVolume` takes for this root; a letter where Windows knows no name of its own for it. */
export function volumeDevice(root: string): string {
  const name = new Uint16Array(64);
  if (GetVolumeNameForVolumeMountPointW(root, name, name.length) !== 0) return textOf(name).replace(/\\$/, '');
  return `\\\\.\\${root.replace(/\\$/, '')}`;
}
