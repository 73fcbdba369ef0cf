import { ask, type Queries } from '../../query/ask.ts';
import { sqlFile, withFilter } from '../../query/sql-file.ts';
import type { Work } from '../evaluate/work.ts';
import { executionFailure } from '../failure.ts';
import { keyOf, type Labels } from '../labels.ts';
import { type Matcher, matchesAll } from '../matchers.ts';
import { boundedSpan, type Catalogue, type TimeSpan } from './catalogue.ts';
import { chooseMetrics } from './choose-metrics.ts';
import { conditionOf } from './condition.ts';
import { labelsOfStored, seriesNames } from './names.ts';
import { type StoredRow, storedIdentity } from './stored-row.ts';

const listingSql = sqlFile('sql/series-listing.sql', import.meta.url);

/** Far more than a site has at once. */
const mostSeries = 100_000;
/** Making the labels of one takes as long as so many visits of a sample. */
const visitsOfSeries = 50;

interface ListingRow extends StoredRow {
  boundTexts: string[];
}

/**
 * Adds the labels of all series that fit and had a sample in the span or up to an hour before or after it to those that
 * were found, by their keys. Throws a failure `execution` when there are too many together.
 */
export async function listSeries(
  queries: Queries,
  catalogue: Catalogue,
  { matchers, span, work }: { matchers: readonly Matcher[]; span: TimeSpan; work: Work },
  found: Map<string, Labels>,
): Promise<void> {
  const bounded = boundedSpan(span);
  const { chosen, style } = chooseMetrics(await catalogue(bounded, work.signal), matchers);
  const names = [...new Set(chosen.map(({ entry }) => entry.metric.name))];
  const condition = conditionOf(matchers, new Set(chosen.flatMap(({ entry }) => entry.attributeNames)), style);
  if (names.length === 0 || !condition) return;
  const { rows } = await ask<ListingRow>(queries, withFilter(listingSql, condition), {
    parameters: { ...condition.parameters, ...bounded, names, limit: mostSeries + 1 },
    signal: work.signal,
  });
  if (rows.length > mostSeries) throw tooMany();
  for (const row of rows) {
    for (const { part } of seriesNames(storedIdentity(row, ''), style)) {
      const bounds = part === 'bucket' || part === 'quantile' ? row.boundTexts : [''];
      for (const bound of bounds) {
        const labels = labelsOfStored(storedIdentity(row, bound), part, style);
        if (work.visit(visitsOfSeries + matchers.length)) await work.rest();
        if (!matchesAll(labels, matchers)) continue;
        found.set(keyOf(labels), labels);
        if (found.size > mostSeries) throw tooMany();
      }
    }
  }
}

const tooMany = () => executionFailure(`more than ${mostSeries} series fit: narrow the selector`);
