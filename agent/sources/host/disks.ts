/** The kernel's block layer counts sectors of 512 bytes whatever the hardware has. */
const sectorBytes = 512;

export interface DiskCounts {
  device: string;
  reads: number;
  readsMerged: number;
  readBytes: number;
  readSeconds: number;
  writes: number;
  writesMerged: number;
  writtenBytes: number;
  writeSeconds: number;
  busySeconds: number;
}

/** Devices that are memory or files of another disk, or drives without a medium: they tell nothing new. */
const notADisk = /^(loop|ram|zram|fd|sr)\d+$/;

/** Reads /proc/diskstats; whole disks only when `isWholeDisk` is given (partitions would count everything twice). */
export function parseDiskStats(text: string, isWholeDisk: (device: string) => boolean = () => true): DiskCounts[] {
  const disks: DiskCounts[] = [];
  for (const line of text.split('\n')) {
    const fields = line.trim().split(/\s+/);
    const device = fields[2];
    if (device === undefined || fields.length < 14 || notADisk.test(device) || !isWholeDisk(device)) continue;
    const at = (index: number) => Number(fields[index]);
    disks.push({
      device,
      reads: at(3),
      readsMerged: at(4),
      readBytes: at(5) * sectorBytes,
      readSeconds: at(6) / 1000,
      writes: at(7),
      writesMerged: at(8),
      writtenBytes: at(9) * sectorBytes,
      writeSeconds: at(10) / 1000,
      busySeconds: at(12) / 1000,
    });
  }
  return disks;
}

/** Bytes of a disk from /sys/block/DEVICE/size. */
export const parseDiskSize = (text: string): number => Number(text.trim()) * sectorBytes;
