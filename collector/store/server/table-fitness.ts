import type { AskRows } from '../engine.ts';
import { listSql, readSql } from '../sql-files.ts';
import { type Declared, declaredTable } from './declared-columns.ts';
import { unfit } from './engine-fitness.ts';
import type { ServerTarget } from './target.ts';

interface Found {
  name: string;
  engine: string;
  partition_key: string;
  columns: [name: string, type: string][];
}

/**
 * Whether the tables that a database holds under our names are ours: CREATE TABLE IF NOT EXISTS leaves those of
 * somebody else as they are, and inserts would fail one by one. More columns than ours do no harm.
 */
export async function checkTables(ask: AskRows, target: ServerTarget): Promise<void> {
  const found = await ask<Found>(
    'SELECT name, engine, partition_key, columns FROM system.tables AS t ' +
      'LEFT JOIN (SELECT table, groupArray((name, type)) AS columns FROM system.columns ' +
      'WHERE database = currentDatabase() GROUP BY table) AS c ON c.table = t.name ' +
      'WHERE t.database = currentDatabase()',
  );
  const faults = listSql('tables').flatMap((name) => {
    const declared = declaredTable(readSql(`tables/${name}.sql`));
    if (target.cluster === '') return faultsOf(name, declared, found, (engine) => engine.endsWith(declared.engine));
    return [
      ...faultsOf(`${name}_local`, declared, found, (engine) => engine === `Replicated${declared.engine}`),
      ...faultsOf(name, { ...declared, partitionKey: '' }, found, (engine) => engine === 'Distributed'),
    ];
  });
  if (faults.length === 0) return;
  throw unfit(
    `the tables of the database ${target.database} at ${target.url} are not as Sextant makes them: ${faults.join('; ')}`,
    'name an empty database in storage.database, or move these tables away; Sextant changes nothing that it did not make',
  );
}

function faultsOf(name: string, declared: Declared, found: Found[], isEngine: (engine: string) => boolean): string[] {
  const table = found.find((one) => one.name === name);
  if (!table) return [`${name} is missing`];
  const faults: string[] = [];
  if (!isEngine(table.engine)) faults.push(`${name} has the engine ${table.engine}`);
  if (declared.partitionKey !== '' && table.partition_key !== declared.partitionKey) {
    faults.push(`${name} is partitioned by ${table.partition_key || 'nothing'}, not by ${declared.partitionKey}`);
  }
  const columns = new Map(table.columns);
  for (const { name: column, type } of declared.columns) {
    const has = columns.get(column);
    if (has === undefined) faults.push(`${name} has no column ${column}`);
    else if (has !== type) faults.push(`${name}.${column} is ${has}, not ${type}`);
  }
  return faults.length > 5 ? [...faults.slice(0, 5), `${name} has ${faults.length - 5} more faults`] : faults;
}
