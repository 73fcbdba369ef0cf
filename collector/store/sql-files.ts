import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, 'sql');

/** Text of one file under collector/store/sql. */
export const readSql = (path: string): string => readFileSync(join(folder, path), 'utf8');

/** Names, without `.sql`, of the objects in one folder under collector/store/sql, sorted. */
export const listSql = (kind: 'functions' | 'migrations' | 'tables'): string[] =>
  readdirSync(join(folder, kind))
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => file.slice(0, -'.sql'.length));

/** A text as a literal of the engine's SQL. */
export const quote = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
