import type { Static, TSchema } from 'typebox';
import { type Document, isNode, isPair, LineCounter, parseDocument } from 'yaml';
import { SextantError } from '../errors/sextant-error.ts';
import { schemaFaults } from './schema-faults.ts';

/**
 * Reads YAML that a schema describes. Throws SX_CONFIG_INVALID that names every fault with file and line;
 * `what` is what the text is called there, `file` what its lines are reported with.
 */
export function readCheckedYaml<Schema extends TSchema>(
  schema: Schema,
  text: string,
  { what, file }: { what: string; file: string },
): Static<Schema> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const at = (offset: number) => `${file}:${lines.linePos(offset).line}`;
  const faults = document.errors.map((error) => `${at(error.pos[0])}: ${error.message.split('\n')[0]}`);
  const value: unknown = faults.length > 0 ? undefined : document.toJS();
  for (const { path, message } of faults.length > 0 ? [] : schemaFaults(schema, value)) {
    faults.push(`${at(offsetOf(document, path))}: ${path.join('.') || what}: ${message}`);
  }
  if (faults.length > 0) {
    throw new SextantError('SX_CONFIG_INVALID', `the ${what} has faults:\n  ${[...new Set(faults)].join('\n  ')}`);
  }
  return value as Static<Schema>;
}

/** Where a path's key, or failing that its nearest parent, stands in the text. */
function offsetOf(document: Document, path: readonly string[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const parent: unknown = document.getIn(path.slice(0, length - 1), true);
    const name = path[length - 1];
    if (parent && typeof parent === 'object' && 'items' in parent && Array.isArray(parent.items)) {
      const pair = parent.items.find((item) => isPair(item) && String(item.key) === name);
      if (isPair(pair) && isNode(pair.key)) return pair.key.range?.[0] ?? 0;
    }
    const node: unknown = document.getIn(path.slice(0, length), true);
    if (isNode(node)) return node.range?.[0] ?? 0;
  }
  return 0;
}
