import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

const shippedFolder = join(import.meta.dirname, 'migrations');

/**
 * Applies every `NNN-concern.sql` that this database has not had yet, in the order of their names, each in a
 * transaction of its own. A migration that has shipped is never edited: a change is a new file.
 */
export function applyMigrations(database: DatabaseSync, nowMs: () => number, folder = shippedFolder): string[] {
  database.exec(
    'CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, applied_unix_ms INTEGER NOT NULL) STRICT',
  );
  const had = new Set(
    database
      .prepare('SELECT name FROM migrations')
      .all()
      .map((row) => String(row.name)),
  );
  const files = readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .sort();
  const misnamed = files.find((file) => !/^\d{3}-[a-z-]+\.sql$/.test(file));
  if (misnamed) throw new Error(`BUG: a migration is not named NNN-concern.sql: ${misnamed}`);

  const applied: string[] = [];
  for (const file of files) {
    if (had.has(file)) continue;
    database.exec('BEGIN IMMEDIATE');
    try {
      database.exec(readFileSync(join(folder, file), 'utf8'));
      database.prepare('INSERT INTO migrations (name, applied_unix_ms) VALUES (?, ?)').run(file, nowMs());
      database.exec('COMMIT');
    } catch (cause) {
      database.exec('ROLLBACK');
      throw new Error(`migration ${file} failed: ${(cause as Error).message}`, { cause });
    }
    applied.push(file);
  }
  return applied;
}
