import { executionFailure } from '../failure.ts';
import { nameLabel } from '../labels.ts';
import type { Matcher } from '../matchers.ts';
import type { CatalogueEntry } from './catalogue.ts';
import { familyName, isPlainName, type NameStyle, type Part, seriesNames } from './names.ts';

/** Metrics that a selector may mean, and which of their parts. */
export interface Choice {
  style: NameStyle;
  chosen: { entry: CatalogueEntry; part: Part }[];
  /** Of metrics that the selector covers without naming them and that have no series here. */
  warnings: string[];
}

const elsewhere = 'ask /api/v1/metrics/series for it';

/** Finds the metrics whose names fit. Throws a failure `execution` for one that is asked for by its name and has no series. */
export function chooseMetrics(entries: CatalogueEntry[], matchers: readonly Matcher[]): Choice {
  const ofName = matchers.filter(({ name }) => name === nameLabel);
  const exact = ofName.find(({ operator }) => operator === '=');
  const style = exact && exact.value !== '' && !isPlainName(exact.value) ? 'original' : 'prometheus';
  const choice: Choice = { style, chosen: [], warnings: [] };
  const fits = (name: string) => ofName.every((matcher) => matcher.matches(name));
  for (const entry of entries) {
    const { metric, unsupported } = entry;
    const names = seriesNames(metric, style);
    if (unsupported === undefined) {
      for (const { name, part } of names) if (fits(name)) choice.chosen.push({ entry, part });
      continue;
    }
    const found = [familyName(metric, style), ...names.map(({ name }) => name)].find(fits);
    if (found === undefined) continue;
    const message = `${found} ${unsupported}: ${elsewhere}`;
    if (exact) throw executionFailure(message);
    choice.warnings.push(message);
  }
  return choice;
}
