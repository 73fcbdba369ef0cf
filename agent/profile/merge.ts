import type { Placed } from './placed.ts';
import type { Reach } from './pushed/reach.ts';

/** The parts of a JSON schema that say how layers meet; `merge` is ours, see section.ts. */
export interface MergeSchema {
  properties?: Record<string, MergeSchema>;
  patternProperties?: Record<string, MergeSchema>;
  items?: MergeSchema;
  merge?: 'union' | 'by-name';
  quantity?: 'duration' | 'bytes';
  reach?: Reach;
  reachBy?: readonly string[];
  keepsAway?: boolean;
  minimum?: number;
  maximum?: number;
}

/** Schema of a map's key; undefined for one that is not known, which the check will say. */
export function schemaOfKey(schema: MergeSchema | undefined, key: string): MergeSchema | undefined {
  if (schema?.properties && Object.hasOwn(schema.properties, key)) return schema.properties[key];
  return schema?.patternProperties && Object.values(schema.patternProperties)[0];
}

/**
 * Lays one value over another. Maps merge key by key, and `null` takes a key out; lists as their schema says
 * (replaced, united, or merged by name); anything else is replaced. Returns undefined when nothing is left.
 */
export function merge(schema: MergeSchema | undefined, below: Placed | undefined, above: Placed): Placed | undefined {
  if (above.kind === 'leaf') return above.value === null ? undefined : above;
  if (above.kind === 'map') {
    const entries = new Map(below?.kind === 'map' ? below.entries : []);
    for (const [key, value] of above.entries) {
      const merged = merge(schemaOfKey(schema, key), entries.get(key), value);
      if (merged) entries.set(key, merged);
      else entries.delete(key);
    }
    return { kind: 'map', origin: below?.kind === 'map' ? below.origin : above.origin, entries };
  }
  const before = below?.kind === 'list' ? below.items : [];
  const origin = before.length > 0 && below ? below.origin : above.origin;
  if (schema?.merge === 'by-name')
    return { kind: 'list', origin, items: mergeByName(schema.items, before, above.items) };
  if (schema?.merge === 'union') return { kind: 'list', origin, items: unite(before, above.items) };
  return { kind: 'list', origin: above.origin, items: above.items };
}

function mergeByName(schema: MergeSchema | undefined, below: readonly Placed[], above: readonly Placed[]): Placed[] {
  const items = [...below];
  for (const item of above) {
    const name = leafOf(item, 'name');
    const at = name === undefined ? -1 : items.findIndex((candidate) => leafOf(candidate, 'name') === name);
    if (name !== undefined && leafOf(item, 'remove') === true) {
      if (at >= 0) items.splice(at, 1);
      continue;
    }
    const merged = merge(schema, items[at], item) ?? item;
    if (at >= 0) items[at] = merged;
    else items.push(merged);
  }
  return items;
}

/** The texts of both in order, each once; `!text` takes one out. */
function unite(below: readonly Placed[], above: readonly Placed[]): Placed[] {
  const items = [...below];
  for (const item of above) {
    const text = item.kind === 'leaf' ? item.value : undefined;
    const taken = typeof text === 'string' && text.startsWith('!') ? text.slice(1) : text;
    const at = items.findIndex(
      (candidate) => candidate.kind === 'leaf' && candidate.value === taken && taken !== undefined,
    );
    if (taken !== text) {
      if (at >= 0) items.splice(at, 1);
    } else if (at < 0) items.push(item);
  }
  return items;
}

function leafOf(placed: Placed, key: string): string | number | boolean | null | undefined {
  const value = placed.kind === 'map' ? placed.entries.get(key) : undefined;
  return value?.kind === 'leaf' ? value.value : undefined;
}
