import { SextantError } from '../../../errors/sextant-error.ts';
import type { AllowedFunctions } from './allowed-functions.ts';

/** Parts of a statement that may occur; anything else, `SETTINGS` and `APPLY` among it, is refused. */
const allowedParts = new Set([
  ...['SelectWithUnionQuery', 'SelectIntersectExceptQuery', 'SelectQuery', 'Subquery', 'WithElement', 'ExpressionList'],
  ...['TablesInSelectQuery', 'TablesInSelectQueryElement', 'TableExpression', 'TableJoin', 'ArrayJoin', 'SampleRatio'],
  ...['TableIdentifier', 'Identifier', 'Function', 'Literal', 'OrderByElement', 'InterpolateElement'],
  ...['WindowDefinition', 'WindowListElement', 'Asterisk', 'QualifiedAsterisk', 'ColumnsTransformerList'],
  ...['ColumnsRegexpMatcher', 'ColumnsListMatcher', 'QualifiedColumnsRegexpMatcher', 'QualifiedColumnsListMatcher'],
  ...['ColumnsExceptTransformer', 'ColumnsReplaceTransformer', 'ColumnsReplaceTransformer::Replacement'],
]);

/** Table functions that make rows up; every other one reads something. */
const allowedTableFunctions = new Set(['numbers', 'numbers_mt', 'generateSeries', 'generate_series', 'values']);

/** What the engine tells of its tables; its other system tables tell of users, settings and other people's queries. */
const allowedSystemTables = new Set([
  ...['system.one', 'system.numbers', 'system.tables', 'system.columns', 'system.parts', 'system.parts_columns'],
  ...['system.merges', 'system.data_skipping_indices', 'system.functions'],
]);

/**
 * Refuses a statement that does more than read stored telemetry. Takes the engine's own syntax tree, one part a line,
 * indented by its depth. A name that is not understood counts as a forbidden one. Throws SX_SQL_REFUSED.
 */
export function checkStatement(tree: readonly string[], functions: AllowedFunctions): void {
  const parents: string[] = [];
  for (const line of tree) {
    const text = line.trimStart();
    const depth = line.length - text.length;
    const [part = '', name = ''] = text.split(' ', 2);
    if (!allowedParts.has(part)) throw refused(`${partNames[part] ?? part} is not allowed here`);
    if (part === 'Function') {
      if (parents[depth - 1] === 'TableExpression') {
        if (!allowedTableFunctions.has(name)) throw refused(`the table function ${name} is not allowed`);
      } else if (!functions.allows(name)) throw refused(`the function ${name} is not allowed`);
    }
    if (part === 'TableIdentifier' && !isAllowedTable(name)) throw refused(`the table ${name} is not for reading`);
    if (part === 'Identifier') checkIdentifier(name, functions);
    parents.length = depth;
    parents[depth] = part;
  }
}

/**
 * Refuses what the syntax tree does not show: the engine leaves the window of `f() OVER (…)` out of it, with whatever
 * is called or read in there. Takes the engine's query tree, the one that it runs from. Names and texts stand in it as
 * they were written, so it is searched as a whole: what somebody writes can add to what is found, never hide it.
 * Throws SX_SQL_REFUSED.
 */
export function checkQueryTree(tree: readonly string[], functions: AllowedFunctions): void {
  const text = tree.join('\n');
  for (const [, table, name = ''] of text.matchAll(/(table_)?function_name: (\w*)/g)) {
    if (table ? !allowedTableFunctions.has(name) : !functions.allows(name)) {
      throw refused(`the ${table ? 'table function' : 'function'} ${name} is not allowed`);
    }
  }
  for (const [, name = ''] of text.matchAll(/\bidentifier: ([^,\n]*)/g)) {
    checkIdentifier(name.replaceAll('`', ''), functions);
  }
}

/** The right side of IN may be a table; an argument may be the name of a function. */
function checkIdentifier(name: string, functions: AllowedFunctions): void {
  if (/^(system|information_schema)\./i.test(name) && !allowedSystemTables.has(name)) {
    throw refused(`${name} is not for reading`);
  }
  if (functions.forbids(name)) throw refused(`the function ${name} is not allowed; give a column another name`);
}

const partNames: Record<string, string> = { Set: 'SETTINGS', ColumnsApplyTransformer: 'APPLY' };

/** A name without a database is one of our tables, or a part of the statement. */
const isAllowedTable = (name: string): boolean => /^[A-Za-z_]\w*$/.test(name) || allowedSystemTables.has(name);

const refused = (why: string): SextantError => new SextantError('SX_SQL_REFUSED', why);
