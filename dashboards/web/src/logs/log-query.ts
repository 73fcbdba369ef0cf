import { computed } from '@preact/signals';
import { type Severity, severities } from '../../../../collector/api/shapes/logs.ts';
import { place, setParams } from '../place/location.ts';
import { rangeKey, spanQuery } from '../place/range.ts';

/** What the reader asked for besides the range; all of it is in the address. */
export interface LogQuery {
  q: string;
  node: string;
  severities: Severity[];
}

export const logQuery = computed<LogQuery>(() => {
  const { params } = place.value;
  const asked = (params.get('severity') ?? '').split(',');
  return {
    q: params.get('q') ?? '',
    node: params.get('node') ?? '',
    severities: severities.filter((severity) => asked.includes(severity)),
  };
});

/** Says what is asked for; the same text means the same rows, but for the clock. */
export const logIdentity = computed(() => JSON.stringify([rangeKey.value, logQuery.value]));

export const isFiltered = computed(() => {
  const { q, node, severities: chosen } = logQuery.value;
  return q !== '' || node !== '' || chosen.length > 0;
});

/** Parameters of every log request of this page. */
export const logParams = (): Record<string, string> => {
  const { q, node, severities: chosen } = logQuery.value;
  return { ...spanQuery(), q, node, severity: chosen.join(',') };
};

const plain = /^[\w./@+-]+$/;

/** One condition in the query language. */
function condition(field: string, value: string, negate: boolean): string {
  const text = plain.test(value) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`;
  return `${negate ? '-' : ''}${field}:${text}`;
}

/** Adds a condition to the query, or takes it out when it is there; its opposite goes in any case. */
export function toggleCondition(field: string, value: string, negate: boolean): void {
  const wanted = condition(field, value, negate);
  const opposite = condition(field, value, !negate);
  let { q } = logQuery.value;
  const has = (part: string): boolean => ` ${q} `.includes(` ${part} `);
  const without = (part: string): string => ` ${q} `.replace(` ${part} `, ' ').trim();
  if (has(opposite)) q = without(opposite);
  q = has(wanted) ? without(wanted) : `${q} ${wanted}`.trim();
  setParams({ q, line: null });
}
