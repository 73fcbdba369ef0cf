import { type Labels, labelsOf, nameLabel } from '../labels.ts';
import { unitWords } from './unit-words.ts';

export type StoredKind = 'gauge' | 'sum' | 'histogram' | 'summary';

/** What a metric's name depends on. */
export interface MetricIdentity {
  name: string;
  unit: string;
  kind: StoredKind;
  isMonotonic: boolean;
}

/** The parts that a metric has as series of Prometheus. */
export type Part = '' | 'bucket' | 'sum' | 'count' | 'quantile';

const parts: Record<StoredKind, Part[]> = {
  gauge: [''],
  sum: [''],
  histogram: ['bucket', 'sum', 'count'],
  summary: ['quantile', 'sum', 'count'],
};

/**
 * How names are written: `prometheus` as OpenTelemetry's “Prometheus and OpenMetrics compatibility” says, with units and
 * `_total`; `original` as they were sent (`{"system.cpu.time"}`).
 */
export type NameStyle = 'prometheus' | 'original';

/** Letters, digits, `_` and `:`; any other name is an original one. */
export const isPlainName = (name: string): boolean => /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name);

/** The name of a metric without the part of a histogram or summary. */
export function familyName({ name, unit, kind, isMonotonic }: MetricIdentity, style: NameStyle): string {
  if (style === 'original') return name;
  const tokens = name.split(/[^a-zA-Z0-9:]+/).filter((token) => token !== '');
  const isCounter = kind === 'sum' && isMonotonic;
  if (isCounter && tokens.at(-1) === 'total') tokens.pop();
  if (kind === 'gauge' && unit === '1') {
    if (tokens.at(-1) !== 'ratio') tokens.push('ratio');
  } else {
    const words = unitWords(unit);
    const joined = tokens.join('_');
    if (words !== '' && joined !== words && !joined.endsWith(`_${words}`)) tokens.push(words);
  }
  if (isCounter) tokens.push('total');
  const written = tokens.join('_');
  return /^\d/.test(written) ? `_${written}` : written;
}

/** The series names of a metric, and the part that each stands for. */
export function seriesNames(metric: MetricIdentity, style: NameStyle): { name: string; part: Part }[] {
  const family = familyName(metric, style);
  return parts[metric.kind].map((part) => ({
    name: part === '' || part === 'quantile' ? family : `${family}_${part}`,
    part,
  }));
}

/** Labels that we set; an attribute of such a name becomes `exported_…`, as Prometheus does with what it scrapes. */
const ownLabels = new Set(['job', 'instance', 'node', 'le', 'quantile']);

/** The label that an attribute becomes. */
export function labelName(attribute: string, style: NameStyle): string {
  let name = style === 'original' ? attribute : attribute.replace(/[^a-zA-Z0-9]+/g, '_');
  if (name.startsWith('__')) name = `key${name}`;
  if (style === 'prometheus' && /^\d/.test(name)) name = `key_${name}`;
  return ownLabels.has(name) ? `exported_${name}` : name;
}

/** What a stored series says of itself. */
export interface StoredIdentity extends MetricIdentity {
  node: string;
  service: string;
  namespace: string;
  instance: string;
  attributes: Record<string, string>;
  /** Upper bound of a bucket, or a quantile. */
  bound?: number | undefined;
}

/** The labels of a stored series, its name among them. */
export function labelsOfStored(stored: StoredIdentity, part: Part, style: NameStyle): Labels {
  const labels = new Map<string, string>();
  const attributes = Object.entries(stored.attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [attribute, value] of attributes) {
    const name = labelName(attribute, style);
    const there = labels.get(name);
    // Two attributes that are written the same share the label, as the specification says.
    labels.set(name, there === undefined ? value : `${there};${value}`);
  }
  const named = seriesNames(stored, style).find((candidate) => candidate.part === part);
  labels.set(nameLabel, named?.name ?? '');
  labels.set('job', stored.namespace === '' ? stored.service : `${stored.namespace}/${stored.service}`);
  labels.set('node', stored.node);
  labels.set('instance', stored.instance);
  if (part === 'bucket') labels.set('le', printBound(stored.bound ?? Number.POSITIVE_INFINITY));
  if (part === 'quantile') labels.set('quantile', printBound(stored.bound ?? Number.NaN));
  return labelsOf(labels);
}

/** A bound without exponent, as Prometheus writes those that come by OTLP. */
function printBound(bound: number): string {
  if (bound === Number.POSITIVE_INFINITY) return '+Inf';
  if (bound === Number.NEGATIVE_INFINITY) return '-Inf';
  const text = String(bound);
  const [, sign = '', first = '', rest = '', exponent] = /^(-?)(\d)\.?(\d*)e([+-]\d+)$/.exec(text) ?? [];
  if (exponent === undefined) return text;
  const power = Number(exponent);
  const digits = first + rest;
  if (power < 0) return `${sign}0.${'0'.repeat(-power - 1)}${digits}`;
  return `${sign}${digits.padEnd(power + 1, '0')}`;
}
