import type { Static, TSchema } from 'typebox';

/** Of what a device says of itself; more is no name. */
const maxTextChars = 256;
/** More than any machine has of one kind. */
const maxItems = 1_000;

/** The parts of a JSON schema that are looked at. */
interface Shape {
  type?: string;
  properties?: Record<string, Shape>;
  patternProperties?: Record<string, Shape>;
  required?: readonly string[];
  items?: Shape;
  anyOf?: readonly Shape[];
}

/**
 * What of a value fits a schema; undefined when nothing does. Devices leave things out, write null or text where a number
 * belongs, and one such member must not cost all that stands beside it: it is left out, as is an object that lacks what
 * it must have. Texts and lists are cut. For schemas of objects, records, lists, numbers, texts and booleans.
 */
export const fitting = <Schema extends TSchema>(schema: Schema, value: unknown): Static<Schema> | undefined =>
  partOf(schema as Shape, value) as Static<Schema> | undefined;

function partOf(shape: Shape, value: unknown): unknown {
  if (shape.anyOf) {
    for (const each of shape.anyOf) {
      const found = partOf(each, value);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  switch (shape.type) {
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value)
        ? partOfObject(shape, value)
        : undefined;
    case 'array':
      return Array.isArray(value) ? partOfList(shape.items ?? {}, value) : undefined;
    case 'number':
      return Number.isFinite(value) ? value : undefined;
    case 'string':
      return typeof value === 'string' ? value.slice(0, maxTextChars) : undefined;
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined;
    case 'null':
      return value === null ? null : undefined;
    default:
      return value;
  }
}

function partOfList(shape: Shape, list: readonly unknown[]): unknown[] {
  return list
    .slice(0, maxItems)
    .map((item) => partOf(shape, item))
    .filter((item) => item !== undefined);
}

function partOfObject(shape: Shape, value: object): unknown {
  const any = Object.values(shape.patternProperties ?? {})[0];
  const entries = any
    ? Object.entries(value)
        .slice(0, maxItems)
        .map(([key, item]) => [key.slice(0, maxTextChars), partOf(any, item)] as const)
    : Object.entries(shape.properties ?? {}).map(
        ([key, member]) =>
          [key, Object.hasOwn(value, key) ? partOf(member, Reflect.get(value, key)) : undefined] as const,
      );
  const found = Object.fromEntries(entries.filter(([, item]) => item !== undefined));
  return (shape.required ?? []).every((key) => Object.hasOwn(found, key)) ? found : undefined;
}
