import { listSql, readSql } from './sql-files.ts';
import { rollupTables, telemetryTables } from './tables.ts';

export interface MigrationRunner {
  command(sql: string, parameters?: Record<string, unknown>): Promise<void>;
  query<Row>(sql: string): Promise<Row[]>;
}

/**
 * Brings an engine's tables up to date: creates what is missing, then applies every `NNNN-what.sql` of sql/migrations
 * that this engine has not had. Every statement may run twice, so that a process that dies in the middle is mended by
 * the next. A migration that has shipped is never edited. Functions hold no data and are replaced each time.
 */
export async function migrate(engine: MigrationRunner): Promise<void> {
  await engine.command(readSql('tables/schema_version.sql'));
  for (const name of listSql('functions')) await engine.command(readSql(`functions/${name}.sql`));
  for (const { name } of [...telemetryTables, ...rollupTables]) await engine.command(readSql(`tables/${name}.sql`));
  await engine.command(readSql('tables/rollup_progress.sql'));

  const had = new Set(
    (await engine.query<{ Migration: string }>('SELECT DISTINCT Migration FROM schema_version')).map(
      (row) => row.Migration,
    ),
  );
  for (const migration of listSql('migrations')) {
    if (had.has(migration)) continue;
    for (const statement of readSql(`migrations/${migration}.sql`).split(/;\s*$/m)) {
      if (statement.replace(/--.*$/gm, '').trim() !== '') await engine.command(statement);
    }
    await engine.command('INSERT INTO schema_version (Migration) VALUES ({migration:String})', { migration });
  }
}
