import { readFileSync } from 'node:fs';

/** The text of a statement in a `.sql` file beside the module that names it; read once, at start. */
export function sqlFile(relativePath: string, base: string): string {
  return readFileSync(new URL(relativePath, base), 'utf8');
}

/** A condition of a statement: fixed SQL text with named parameters, and the parameters' values. */
export interface Condition {
  sql: string;
  parameters: Record<string, unknown>;
}

/** The placeholder is a condition that is always true, so that every `.sql` file is a valid statement by itself. */
const placeholder = '/*filter*/ true';

/** Puts a condition where the statement says `/*filter*\/ true`. The condition's text never comes from input. */
export function withFilter(sql: string, condition: Condition): string {
  if (!sql.includes(placeholder)) throw new Error(`BUG: the statement has no ${placeholder}`);
  return sql.replaceAll(placeholder, () => `(${condition.sql})`);
}
