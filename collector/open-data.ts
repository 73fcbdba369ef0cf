import { join } from 'node:path';
import type { Settings } from '../config/settings.ts';
import { freeBytes } from '../durable/free-space.ts';
import type { Log } from '../logging/log.ts';
import type { Closers } from './close-in-order.ts';
import { createJournal } from './journal/file-journal.ts';
import type { Journal } from './journal/journal.ts';
import { createSequenceStore } from './state/sequences.ts';
import { openState, type State } from './state/state.ts';
import { createStore } from './store/clickhouse-store.ts';
import type { Store } from './store/store.ts';

/** What lies in a collector's folder, or in that of a case: state.db, the engine's tables, and the journal before them. */
export interface CollectorData {
  state: State;
  store: Store;
  journal: Journal;
}

type StoreOptions = Parameters<typeof createStore>[0];

/**
 * Opens all three and hands their ends to `closers`. The folder is the caller's: locked, and the working folder of this
 * process. `nowMs` is the time that telemetry is received at.
 */
export async function openData(
  folder: string,
  parts: { settings: Settings; log: Log; nowMs: () => number; closers: Closers },
  /** Without `freeBytes` nothing is ever dropped to make room. */
  options: Pick<StoreOptions, 'freeBytes' | 'onDropped' | 'onQueried'> = {},
): Promise<CollectorData> {
  const { settings, log, nowMs, closers } = parts;
  const state = openState(folder, { nowMs: Date.now });
  closers.add('state', state.close);
  const store = createStore({ folder: join(folder, 'engine'), log, settings, nowMs, ...options });
  await store.start();
  closers.add('store', store.close);
  const sequences = createSequenceStore(state.database);
  const capabilities = { store, state: sequences, log, nowMs, freeBytes: () => freeBytes(folder) };
  const journal = createJournal({ folder: join(folder, 'journal'), ...capabilities }, settings);
  await journal.start();
  closers.add('journal', journal.close);
  return { state, store, journal };
}
