import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../../durable/atomic-write.ts';
import { journalFileName, parseJournalFileName } from './file-name.ts';
import type { WholeBatch } from './quarantine-box.ts';

/** Puts a batch into a journal file of its own, for the next start of the collector; it must not run. */
export function replayAtNextStart(journalFolder: string, nowMs: () => number): (batch: WholeBatch) => Promise<void> {
  return async ({ signal, bytes }) => {
    let number = BigInt(nowMs());
    for (const file of readdirSync(journalFolder)) {
      const used = parseJournalFileName(file)?.number ?? 0n;
      if (used >= number) number = used + 1n;
    }
    writeFileAtomic(join(journalFolder, journalFileName(signal, number)), bytes);
  };
}
