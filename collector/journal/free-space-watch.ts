import { SextantError } from '../../errors/sextant-error.ts';

export interface FreeSpaceWatch {
  start(): Promise<void>;
  close(): void;
  /** Throws SX_DISK_FULL while free space is below the floor. Costs nothing: the last look counts. */
  demand(): void;
  /** Whether demand() would throw. */
  isBelow(): boolean;
  /** Whether so much can be taken, and as much again would still be there. */
  hasRoomFor(bytes: number): boolean;
}

const lookEveryMs = 500;

export function createFreeSpaceWatch(
  { freeBytes }: { freeBytes(): Promise<number> },
  floorBytes: number,
): FreeSpaceWatch {
  let free = Number.POSITIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> => {
    free = await freeBytes();
  };
  return {
    async start() {
      await look();
      timer = setInterval(() => look().catch(() => {}), lookEveryMs).unref();
    },
    close: () => clearInterval(timer),
    isBelow: () => free < floorBytes,
    hasRoomFor: (bytes) => free - 2 * bytes >= floorBytes,
    demand() {
      if (free >= floorBytes) return;
      const mebibytes = (bytes: number): string => `${Math.floor(bytes / 1024 / 1024)} MiB`;
      throw new SextantError(
        'SX_DISK_FULL',
        `ingest paused, ${mebibytes(free)} free where ${mebibytes(floorBytes)} must stay free`,
      );
    },
  };
}
