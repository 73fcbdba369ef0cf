import type { FieldFacet } from '../api/shapes.ts';
import type { Queries } from './queries.ts';
import { type Condition, sqlFile, withFilter } from './sql-file.ts';
import { rangeParameters, type TimeRange } from './time-value.ts';

const facetsSql = sqlFile('sql/log-facets.sql', import.meta.url);

/** Counts the most frequent values of each field, in the order asked for; a field that no record has is empty. */
export async function readLogFacets(
  store: Queries,
  request: { range: TimeRange; filter: Condition; fields: string[]; limit: number; signal?: AbortSignal },
): Promise<FieldFacet[]> {
  const result = await store.query<{ field: string; value: string; records: number | string }>(
    withFilter(facetsSql, request.filter),
    {
      parameters: {
        ...request.filter.parameters,
        ...rangeParameters(request.range),
        fields: request.fields,
        limit: request.limit,
      },
      timeoutMs: 30_000,
      ...(request.signal ? { signal: request.signal } : {}),
    },
  );
  return request.fields.map((field) => ({
    field,
    values: result.rows
      .filter((row) => row.field === field)
      .map((row) => ({ value: row.value, count: Number(row.records) })),
  }));
}
