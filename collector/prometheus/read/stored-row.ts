import type { StoredIdentity, StoredKind } from './names.ts';

/** What storage says of a series, whatever is read of it. */
export interface StoredRow {
  name: string;
  unit: string;
  kind: StoredKind;
  monotonic: number;
  node: string;
  service: string;
  serviceNamespace: string;
  serviceInstance: string;
  attributes: Record<string, string>;
}

export const storedIdentity = (row: StoredRow, bound: string): StoredIdentity => ({
  name: row.name,
  unit: row.unit,
  kind: row.kind,
  isMonotonic: Number(row.monotonic) === 1,
  node: row.node,
  service: row.service,
  namespace: row.serviceNamespace,
  instance: row.serviceInstance === '' ? row.node : row.serviceInstance,
  attributes: row.attributes,
  bound: readNumberText(bound),
});

/** A number as the engine writes it, `inf`, `-inf` and `nan` included. */
export function readNumberText(value: number | string): number {
  if (value === 'inf') return Number.POSITIVE_INFINITY;
  if (value === '-inf') return Number.NEGATIVE_INFINITY;
  return Number(value);
}
