import { ask, type Queries } from '../ask.ts';
import { sqlFile } from '../sql-file.ts';

const functionsSql = sqlFile('../sql/console-functions.sql', import.meta.url);

/**
 * Kinds of functions, as the engine sorts them, that compute from their arguments alone. Not among them: what reads
 * files, dictionaries and other servers, what asks a language model, what tells of the machine and its users.
 */
const allowedCategories = new Set([
  'Aggregate Functions',
  'Arithmetic',
  'Arrays',
  'Bit',
  'Bitmap',
  'Comparison',
  'Conditional',
  'Dates and Times',
  'Distance',
  'Encoding',
  'Financial',
  'Hash',
  'IP Address',
  'JSON',
  'Logical',
  'Map',
  'Mathematical',
  'Null',
  'Random Number',
  'Rounding',
  'String',
  'String Replacement',
  'String Search',
  'String Splitting',
  'Time Window',
  'Tuple',
  'Type Conversion',
  'URL',
  'UUID',
  'Window Functions',
]);

/** Of the kinds that hold dangerous ones too. */
const allowedNames = [
  ...['_CAST', 'bar', 'byteSize', 'transform', 'toTypeName', 'materialize', 'identity', 'ignore', 'toColumnTypeName'],
  ...['formatReadableSize', 'formatReadableDecimalSize', 'formatReadableQuantity', 'formatReadableTimeDelta'],
  ...['runningDifference', 'neighbor', 'rowNumberInAllBlocks', 'rowNumberInBlock', 'version', 'currentDatabase'],
  ...['finalizeAggregation', 'getSubcolumn', 'isDecimalOverflow', 'countDigits', 'lambda', 'caseWithExpression'],
];

/** Endings that change what an aggregate function takes or gives: `sumIf`, `quantilesMerge`. */
const combinators =
  /(If|Array|Map|Distinct|OrDefault|OrNull|Resample|ForEach|Merge|MergeState|State|SimpleState|ArgMin|ArgMax)$/;

export interface AllowedFunctions {
  allows(name: string): boolean;
  /** Whether the engine has a function of this name that is not allowed. */
  forbids(name: string): boolean;
}

/** Asks the engine for its functions and sorts them. */
export async function readAllowedFunctions(queries: Queries): Promise<AllowedFunctions> {
  const { rows } = await ask<{
    name: string;
    aggregate: number;
    anyCase: number;
    aliasOf: string;
    category: string;
    ours: number;
  }>(queries, functionsSql, { parameters: {} });
  const categoryOf = new Map(rows.map((row) => [row.name, row.category]));
  const allowed = new Set(allowedNames);
  const allowedAnyCase = new Set<string>();
  const aggregates = new Set<string>();
  const forbidden = new Set<string>();
  for (const row of rows) {
    const original = row.aliasOf === '' ? row.name : row.aliasOf;
    const category = row.aliasOf === '' ? row.category : (categoryOf.get(row.aliasOf) ?? '');
    const fine = row.ours === 1 || allowedCategories.has(category) || allowedNames.includes(original);
    if (!fine) {
      forbidden.add(row.name.toLowerCase());
      continue;
    }
    allowed.add(row.name);
    if (row.anyCase === 1) allowedAnyCase.add(row.name.toLowerCase());
    if (row.aggregate === 1) aggregates.add(row.name);
  }

  const allows = (name: string): boolean => {
    if (allowed.has(name) || allowedAnyCase.has(name.toLowerCase())) return true;
    for (let base = name; combinators.test(base); ) {
      base = base.replace(combinators, '');
      if (aggregates.has(base) || (allowedAnyCase.has(base.toLowerCase()) && allows(base))) return true;
    }
    return false;
  };
  return { allows, forbids: (name) => forbidden.has(name.toLowerCase()) && !allows(name) };
}
