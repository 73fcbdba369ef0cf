import type { JournalFile, Store } from '../../../../../collector/store/store.ts';
import type { Signal } from '../../../../../protocol/headers.ts';

/** A store that is open, and a way to write journal files for it. */
export interface StoreSite {
  store: Store;
  writeFile(signal: Signal, requests: Buffer[]): JournalFile;
  close(): Promise<void>;
}
