import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SextantError } from '../../errors/sextant-error.ts';
import { applyMigrations } from './migrate.ts';

/** The collector's small transactional state, `state.db`. Telemetry never goes there. */
export interface State {
  readonly database: DatabaseSync;
  /**
   * Runs `work` in one transaction: all of it is on disk when this returns, or none of it when it throws.
   * Synchronous throughout, so nothing else can slip in between; it does not nest.
   */
  transaction<T>(work: () => T): T;
  close(): void;
}

/**
 * Opens (or makes, 0600) `state.db` in a folder and brings its tables up to date.
 * Throws SX_DATA_FOLDER when the folder cannot be written or the file is not usable.
 */
export function openState(folder: string, capabilities: { nowMs: () => number }): State {
  const path = join(folder, 'state.db');
  let database: DatabaseSync;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    database = new DatabaseSync(path, { timeout: 5000 });
    chmodSync(path, 0o600);
    // FULL: an answer that rests on a commit (a spent token, a sequence) must survive a power cut.
    database.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;');
    applyMigrations(database, capabilities.nowMs);
  } catch (cause) {
    if ((cause as Error).message.startsWith('BUG:')) throw cause;
    throw new SextantError('SX_DATA_FOLDER', `cannot open ${path}: ${(cause as Error).message}`, { cause });
  }
  return {
    database,
    transaction(work) {
      if (database.isTransaction) throw new Error('BUG: a transaction inside a transaction');
      database.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        database.exec('COMMIT');
        return result;
      } catch (error) {
        if (database.isTransaction) database.exec('ROLLBACK');
        throw error;
      }
    },
    close: () => database.close(),
  };
}
