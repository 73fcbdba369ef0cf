import type { NodeRow } from '../../../../collector/api/shapes/nodes.ts';
import { call } from '../api/client.ts';
import { type Resource, useResource } from '../api/resource.ts';
import { chartColour } from '../chart/series.ts';
import { nowMs } from '../place/clock.ts';

/** All nodes of the site, kept fresh. */
export const useNodes = (): Resource<NodeRow[]> =>
  useResource('nodes', nowMs.value, (signal) => call<NodeRow[]>('nodes', { signal }));

/** The same colour for a node in every chart of the page: by its place among the names in order. */
export function nodeColour(node: string, all: readonly string[]): string {
  const index = [...all].sort().indexOf(node);
  return chartColour(Math.max(index, 0));
}
