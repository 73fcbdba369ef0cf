import { schemaFaults } from '../../config/schema-faults.ts';
import { parseValue } from '../../config/value.ts';
import { type MergeSchema, schemaOfKey } from './merge.ts';
import { originOf, type Placed, plain } from './placed.ts';
import { Profile } from './profile.ts';

/**
 * Checks merged sections against the schema; faults are added as `FILE:LINE: path: what`. A layer that is `partial`
 * may lack what others say. Returns the plain value with its quantities as numbers.
 */
export function checkSections(sections: Placed, faults: string[], options: { partial: boolean }): unknown {
  const numbers = withNumbers(Profile as unknown as MergeSchema, sections, [], faults);
  const value = { name: 'any', description: '', ...(plain(numbers) as object) };
  for (const { path, message, missing } of schemaFaults(Profile, value)) {
    if (missing && options.partial) continue;
    faults.push(`${where(originOf(sections, path))}: ${path.join('.') || 'profile'}: ${message}`);
  }
  return value;
}

const where = ({ file, line }: { file: string; line: number }): string => `${file}:${line}`;

/** Replaces `30s` and `64KiB` by numbers where the schema wants a quantity. */
function withNumbers(
  schema: MergeSchema | undefined,
  placed: Placed,
  path: readonly string[],
  faults: string[],
): Placed {
  if (placed.kind === 'map') {
    const entries = [...placed.entries].map(
      ([key, value]) => [key, withNumbers(schemaOfKey(schema, key), value, [...path, key], faults)] as const,
    );
    return { ...placed, entries: new Map(entries) };
  }
  if (placed.kind === 'list') {
    const items = placed.items.map((item, at) => withNumbers(schema?.items, item, [...path, String(at)], faults));
    return { ...placed, items };
  }
  if (schema?.quantity === undefined) return placed;
  const { minimum, maximum, quantity } = schema;
  const limits = { ...(minimum !== undefined && { min: minimum }), ...(maximum !== undefined && { max: maximum }) };
  const parsed = parseValue({ kind: quantity, ...limits }, placed.value);
  if ('value' in parsed) return { ...placed, value: parsed.value as number };
  faults.push(`${where(placed.origin)}: ${path.join('.')}: ${parsed.fault}`);
  // One fault is enough: what follows sees a number within the bounds.
  return { ...placed, value: minimum ?? maximum ?? 0 };
}
