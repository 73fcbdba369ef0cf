import type { Log } from '../logging/log.ts';

const MiB = 1024 * 1024;
const lookEveryMs = 5_000;
/** Fewer records than this between two looks is rest: a metrics round and a few log lines. */
const restRecords = 1_000;
/** What must have been gained since the last return; less is not worth a full collection (some 20 ms here). */
const worthBytes = 4 * MiB;

/**
 * Gives memory back to the host after a burst. V8 collects when it is short of memory, and an agent at rest allocates
 * so little that it keeps what a burst left for hours; the memory belongs to virtual machines.
 *
 * Needs `node --expose-gc`, which `sextant up` and the service set; without it nothing is done.
 */
export function createHeapReturn({
  emittedRecords,
  residentBytes,
  collect,
  log,
}: {
  emittedRecords(): number;
  residentBytes(): number;
  /** `globalThis.gc`, where Node exposes it. */
  collect: (() => unknown) | undefined;
  log: Log;
}): { start(): void; look(): void; close(): void } {
  let timer: NodeJS.Timeout | undefined;
  let recordsBefore = emittedRecords();
  let residentAfterReturn = 0;

  function look(): void {
    const records = emittedRecords();
    const atRest = records - recordsBefore < restRecords;
    recordsBefore = records;
    const before = residentBytes();
    if (!collect || !atRest || before - residentAfterReturn < worthBytes) return;
    collect();
    residentAfterReturn = residentBytes();
    log.debug({ beforeBytes: before, afterBytes: residentAfterReturn }, 'gave memory back');
  }

  return {
    look,
    start() {
      timer = setInterval(look, lookEveryMs).unref();
    },
    close: () => clearInterval(timer),
  };
}
