import { open } from 'node:fs/promises';

/** What the first sectors of a filesystem say of it. */
export interface Superblock {
  filesystem: 'vfat' | 'exfat' | 'ntfs' | 'ext4';
  /** As `blkid` writes it. */
  volumeId: string;
  label: string | null;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const reversedHex = (bytes: Uint8Array): string => hex(Uint8Array.from(bytes).reverse());
const labelOf = (bytes: Buffer): string | null => {
  const text = bytes.toString('latin1').split('\0', 1).join('').trim();
  return text === '' || text === 'NO NAME' ? null : text;
};

/** `1A2B-3C4D`, the volume serial number of FAT and exFAT. */
function volumeSerial(head: Buffer, offset: number): string {
  const text = reversedHex(head.subarray(offset, offset + 4)).toUpperCase();
  return `${text.slice(0, 4)}-${text.slice(4)}`;
}

/** Reads the boot sector of FAT, exFAT and NTFS, or the superblock of ext2 to ext4, out of the first 4 KiB. */
export function parseSuperblock(head: Buffer): Superblock | undefined {
  if (head.length < 2048) return undefined;
  const ascii = (from: number, to: number): string => head.toString('latin1', from, to);
  if (ascii(3, 11) === 'NTFS    ') {
    return { filesystem: 'ntfs', volumeId: reversedHex(head.subarray(72, 80)).toUpperCase(), label: null };
  }
  if (ascii(3, 11) === 'EXFAT   ') return { filesystem: 'exfat', volumeId: volumeSerial(head, 100), label: null };
  if (ascii(82, 87) === 'FAT32') {
    return { filesystem: 'vfat', volumeId: volumeSerial(head, 67), label: labelOf(head.subarray(71, 82)) };
  }
  if (/^FAT1[26]/.test(ascii(54, 59))) {
    return { filesystem: 'vfat', volumeId: volumeSerial(head, 39), label: labelOf(head.subarray(43, 54)) };
  }
  if (head.readUInt16LE(1024 + 0x38) === 0xef53) {
    const uuid = hex(head.subarray(1024 + 0x68, 1024 + 0x78));
    const volumeId = uuid.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    return { filesystem: 'ext4', volumeId, label: labelOf(head.subarray(1024 + 0x78, 1024 + 0x88)) };
  }
  return undefined;
}

/** The same from a block device or an image of one; undefined when it may not be read or is something else. */
export async function readSuperblock(device: string): Promise<Superblock | undefined> {
  if (!device.startsWith('/')) return undefined;
  try {
    const file = await open(device, 'r');
    try {
      const head = Buffer.alloc(4096);
      const { bytesRead } = await file.read(head, 0, head.length, 0);
      return parseSuperblock(head.subarray(0, bytesRead));
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}
