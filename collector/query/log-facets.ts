import type { FieldFacet } from '../api/shapes/logs.ts';
import { ask, type Queries } from './ask.ts';
import { eachOnce } from './log-once.ts';
import { type Condition, sqlFile, withFilter } from './sql-file.ts';
import type { TimeRange } from './time-value.ts';
import { wholeMinutes } from './whole-minutes.ts';

const facetSql = sqlFile('sql/log-facet.sql', import.meta.url);

/** Expression of a field; the names with columns of their own cost a tenth of an attribute. */
const expressions: Record<string, string> = {
  node: 'toString(Node)',
  severity: "['unset', 'trace', 'debug', 'info', 'warn', 'error', 'fatal'][1 + intDiv(SeverityNumber + 3, 4)]",
  service: 'toString(ServiceName)',
  'service.name': 'toString(ServiceName)',
  source: 'ScopeName',
  scope: 'ScopeName',
  'otel.scope.name': 'ScopeName',
  event: 'EventName',
};
const attribute =
  "if(LogAttributes[{field:String}] != '', LogAttributes[{field:String}], ResourceAttributes[{field:String}])";

interface LogFacetsRequest {
  range: TimeRange;
  filter: Condition;
  fields: string[];
  /** Values of each field, at most. */
  limit: number;
  signal?: AbortSignal | undefined;
}

/** Counts the most frequent values of each field, in the order asked for; a field that no record has is empty. */
export async function readLogFacets(queries: Queries, request: LogFacetsRequest): Promise<FieldFacet[]> {
  const { filter } = await eachOnce(queries, request);
  const facets: FieldFacet[] = [];
  for (const field of request.fields) {
    const expression = Object.hasOwn(expressions, field) ? expressions[field] : attribute;
    const sql = withFilter(facetSql, filter).replaceAll("/*value*/ ''", () => expression ?? attribute);
    const result = await ask<{ value: string; records: number | string }>(queries, sql, {
      parameters: { ...filter.parameters, ...wholeMinutes(request.range), field, limit: request.limit },
      signal: request.signal,
    });
    facets.push({ field, values: result.rows.map((row) => ({ value: row.value, count: Number(row.records) })) });
  }
  return facets;
}
