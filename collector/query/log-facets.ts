import type { FieldFacet } from '../api/shapes.ts';
import { ask, type Queries } from './ask.ts';
import { eachOnce } from './log-once.ts';
import { type Condition, sqlFile, withFilter } from './sql-file.ts';
import { rangeParameters, type TimeRange } from './time-value.ts';

const facetsSql = sqlFile('sql/log-facets.sql', import.meta.url);

/** Counts the most frequent values of each field, in the order asked for; a field that no record has is empty. */
export async function readLogFacets(
  queries: Queries,
  request: { range: TimeRange; filter: Condition; fields: string[]; limit: number; signal?: AbortSignal | undefined },
): Promise<FieldFacet[]> {
  const filter = await eachOnce(queries, request);
  const result = await ask<{ field: string; value: string; records: number | string }>(
    queries,
    withFilter(facetsSql, filter),
    {
      parameters: {
        ...filter.parameters,
        ...rangeParameters(request.range),
        fields: request.fields,
        limit: request.limit,
      },
      signal: request.signal,
    },
  );
  return request.fields.map((field) => ({
    field,
    values: result.rows
      .filter((row) => row.field === field)
      .map((row) => ({ value: row.value, count: Number(row.records) })),
  }));
}
