/** The labels of a series, by name and without empty values: Prometheus takes an empty label for one that is not there. */
export type Labels = readonly (readonly [name: string, value: string])[];

export const nameLabel = '__name__';

export function labelsOf(pairs: Iterable<readonly [string, string]>): Labels {
  return [...new Map(pairs)].filter(([, value]) => value !== '').sort(([a], [b]) => (a < b ? -1 : 1));
}

export const labelValue = (labels: Labels, name: string): string =>
  labels.find(([candidate]) => candidate === name)?.[1] ?? '';

export const without = (labels: Labels, names: ReadonlySet<string>): Labels =>
  labels.filter(([name]) => !names.has(name));

export const keepOnly = (labels: Labels, names: ReadonlySet<string>): Labels =>
  labels.filter(([name]) => names.has(name));

const theName = new Set([nameLabel]);
export const withoutName = (labels: Labels): Labels => without(labels, theName);

/** The same labels with one set, or taken away by an empty value. */
export const withLabel = (labels: Labels, name: string, value: string): Labels => labelsOf([...labels, [name, value]]);

/** The same text for the same labels, and for no others. */
export const keyOf = (labels: Labels): string => JSON.stringify(labels);

/** As Prometheus writes labels in its messages. */
export const printLabels = (labels: Labels): string =>
  `{${labels.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(', ')}}`;
