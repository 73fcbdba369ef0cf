import type { TSchema } from 'typebox';
import { Settings } from 'typebox/system';
import { Value } from 'typebox/value';
import { nearest } from './nearest.ts';
import { textFault } from './text-format.ts';
import { patternWords } from './text-pattern.ts';

/** What is wrong at one place of a value. */
export interface SchemaFault {
  /** Keys and list positions from the top; with the unknown key itself at its end. */
  path: string[];
  /** In words, without the place. */
  message: string;
  /** Something that must be there is not. */
  missing: boolean;
}

/** More than a person corrects at once; TypeBox itself stops at 8. */
const maxFaults = 1000;

/** Every fault of a value, at most one a place. */
export function schemaFaults(schema: TSchema, value: unknown): SchemaFault[] {
  const found = new Map<string, SchemaFault>();
  const add = (path: string[], message: string, missing = false): void => {
    const key = JSON.stringify(path);
    if (!found.has(key)) found.set(key, { path, message, missing });
  };
  const errors = allErrors(schema, value);
  const unknown = errors.flatMap(({ keyword, instancePath, params, schemaPath }) =>
    keyword === 'additionalProperties'
      ? ((params as { additionalProperties: PropertyKey[] }).additionalProperties ?? []).map((key) => ({
          path: [...parts(instancePath), String(key)],
          ...keysOf(schemaAt(schema, schemaPath)),
        }))
      : [],
  );
  for (const { path, known, allowed } of unknown) {
    const name = path.at(-1) ?? '';
    const suggestion = nearest(name, known);
    add(path, `is not known here${allowed ? `: a name ${allowed}` : suggestion ? `; perhaps ${suggestion}` : ''}`);
  }
  for (const { keyword, instancePath, params, message } of errors) {
    const path = parts(instancePath);
    if (keyword === 'required') {
      const names = (params as { requiredProperties: string[] }).requiredProperties;
      add(path, `${names.join(', ')} is missing`, true);
    } else if (keyword === 'const') {
      const allowed = errors
        .filter((other) => other.keyword === 'const' && other.instancePath === instancePath)
        .map((other) => String((other.params as { allowedValue: unknown }).allowedValue));
      add(path, `must be ${allowed.length > 1 ? 'one of ' : ''}${allowed.join(', ')}`);
    } else if (keyword === 'format') {
      const text = path.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], value);
      const said = textFault((params as { format: string }).format, text);
      add(path, said === undefined ? message : `${shortened(String(text))} ${said}`);
    } else if (keyword === 'pattern') {
      add(path, patternWords(String((params as { pattern: unknown }).pattern)) ?? message);
    } else if (keyword !== 'additionalProperties' && keyword !== 'boolean') add(path, message);
  }
  return [...found.values()];
}

function allErrors(schema: TSchema, value: unknown) {
  // Nearly always there are none, and looking for them costs several times what a plain answer does.
  if (Value.Check(schema, value)) return [];
  const before = Settings.Get().maxErrors;
  Settings.Set({ maxErrors: maxFaults });
  try {
    return [...Value.Errors(schema, value)];
  } finally {
    Settings.Set({ maxErrors: before });
  }
}

/** The keys that an object may have, and in words what any other one is made of. */
function keysOf(schema: unknown): { known: string[]; allowed: string | undefined } {
  const { properties, patternProperties } = (schema ?? {}) as { properties?: object; patternProperties?: object };
  const allowed = Object.keys(patternProperties ?? {}).map(patternWords);
  return { known: Object.keys(properties ?? {}), allowed: allowed.find((each) => each !== undefined) };
}

const shortened = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}…` : text);

/** A JSON pointer's parts. */
const parts = (pointer: string): string[] =>
  pointer
    .replace(/^#/, '')
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));

const schemaAt = (schema: unknown, pointer: string): unknown =>
  parts(pointer).reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], schema);
