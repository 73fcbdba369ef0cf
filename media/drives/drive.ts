import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';

/** The parts of a drive's identity that stay when it is unplugged and plugged in again. */
export interface DriveIdentity {
  /** Serial number of the device, as the device tells it. */
  serial: string | null;
  /** Identifier of the filesystem: UUID, or the volume serial number of FAT, exFAT and NTFS. */
  volumeId: string | null;
}

/** A mounted filesystem, with what is known of the device below it. */
export interface Drive extends DriveIdentity {
  /** Where it is mounted: a folder, or `E:\` on Windows. */
  path: string;
  /** Block device (`/dev/sdb1`), image file, or volume name. */
  device: string;
  /** `usb`, `sd`, `sata`, `nvme`, `loop`, `virtual`, `network`, …; `unknown` when nothing tells. */
  bus: string;
  /** True for what a person may pull out, by bus and removal policy; USB disks that call themselves fixed included. */
  removable: boolean;
  /** Why it counts as removable or not, in words. */
  removableBecause: string;
  vendor: string | null;
  model: string | null;
  label: string | null;
  /** `vfat`, `exfat`, `ntfs`, `ext4`, … in lower case; `unknown` when nothing tells. */
  filesystem: string;
  /** Null when the filesystem does not tell. */
  totalBytes: number | null;
  freeBytes: number | null;
  /** Null when it can be written, else who or what forbids it, in words. */
  readOnlyBecause: string | null;
}

/** What an operating system has to answer about drives; one file for each system. */
export interface DriveSystem {
  /** Every mounted filesystem that has storage of its own. */
  list(): Promise<Drive[]>;
  /**
   * The filesystem that this path lies on; with `open`, a handle of that path, the one that the handle is on, whatever has
   * been mounted or unmounted there since. Throws what the operating system throws when it is not there.
   */
  of(path: string, open?: FileHandle): Promise<Drive>;
  /** Writes everything out and makes the drive safe to pull; says step by step what was done and what was refused. */
  eject(drive: Drive): Promise<EjectStep[]>;
}

export interface EjectStep {
  step: 'sync' | 'unmount' | 'power-off';
  done: boolean;
  /** How, or why not. */
  detail: string;
}

/** Names a filesystem on a device in a few characters, the same wherever it is mounted. */
export function driveId({ serial, volumeId, device }: Pick<Drive, 'serial' | 'volumeId' | 'device'>): string {
  const known = serial === null && volumeId === null ? [device] : [serial, volumeId];
  return createHash('sha256').update(JSON.stringify(known)).digest('hex').slice(0, 16);
}

/** True when both can only be the same filesystem: every identifier that both know is equal, and one is known. */
export function isSameDrive(a: DriveIdentity, b: DriveIdentity): boolean {
  const pairs = [
    [a.volumeId, b.volumeId],
    [a.serial, b.serial],
  ].filter(([left, right]) => left && right);
  return pairs.length > 0 && pairs.every(([left, right]) => left === right);
}
