import { open } from 'node:fs/promises';
import type { DatabaseSync } from 'node:sqlite';
import type { SequenceStore } from '../journal/sequences.ts';

/**
 * The journal's memory in state.db: one small transaction for each journal file that storage has taken.
 *
 * A commit that waits for the disk holds up the event loop, 10 to 80 ms beside the engine's writing, several times a second.
 * So this one leaves out SQLite's fsync of the write-ahead log, and makes the same one in libuv's pool.
 */
export function createSequenceStore(database: DatabaseSync): SequenceStore {
  database.exec(`
    CREATE TABLE IF NOT EXISTS stream_sequences (
      node TEXT NOT NULL,
      epoch TEXT NOT NULL,
      stream TEXT NOT NULL,
      sequence INTEGER NOT NULL,
      PRIMARY KEY (node, epoch, stream)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS journal_files (
      only INTEGER PRIMARY KEY CHECK (only = 1),
      last_number INTEGER NOT NULL
    ) STRICT`);
  const all = database.prepare('SELECT node, epoch, stream, sequence FROM stream_sequences');
  all.setReadBigInts(true);
  const last = database.prepare('SELECT last_number FROM journal_files');
  last.setReadBigInts(true);
  const raise = database.prepare(
    `INSERT INTO stream_sequences (node, epoch, stream, sequence) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET sequence = max(sequence, excluded.sequence)`,
  );
  const raiseLast = database.prepare(
    `INSERT INTO journal_files (only, last_number) VALUES (1, ?)
     ON CONFLICT DO UPDATE SET last_number = max(last_number, excluded.last_number)`,
  );

  // Another mode syncs at each commit, also at NORMAL.
  const hasLog = database.prepare('PRAGMA journal_mode').get()?.journal_mode === 'wal';

  /** What was committed lies in the log, or in the database: then a checkpoint has synced both. */
  async function syncLog(): Promise<void> {
    if (!hasLog) return;
    const handle = await open(`${database.location()}-wal`, 'r');
    try {
      await handle.datasync();
    } finally {
      await handle.close();
    }
  }

  return {
    load() {
      return {
        entries: all.all().map((row) => ({
          node: String(row.node),
          epoch: String(row.epoch),
          stream: String(row.stream),
          sequence: BigInt(row.sequence as bigint),
        })),
        lastFile: BigInt((last.get()?.last_number as bigint | undefined) ?? 0n),
      };
    },
    async save(entries, lastFile) {
      database.exec('PRAGMA synchronous=NORMAL; BEGIN IMMEDIATE');
      try {
        for (const { node, epoch, stream, sequence } of entries) raise.run(node, epoch, stream, sequence);
        raiseLast.run(lastFile);
        database.exec('COMMIT');
      } catch (error) {
        if (database.isTransaction) database.exec('ROLLBACK');
        throw error;
      } finally {
        database.exec('PRAGMA synchronous=FULL');
      }
      await syncLog();
    },
  };
}
