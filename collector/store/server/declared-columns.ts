export interface Declared {
  engine: string;
  /** As system.tables has it; empty for a table without partitions. */
  partitionKey: string;
  /** Name and type, in order, as system.columns has them. */
  columns: { name: string; type: string }[];
}

/** What a CREATE TABLE of sql/tables declares, in the engine's own words. */
export function declaredTable(sql: string): Declared {
  const text = sql.replace(/--.*$/gm, '');
  const open = text.indexOf('(');
  const close = text.indexOf('\n)', open);
  const columns = topLevel(text.slice(open + 1, close), /,/)
    .map((part) => part.trim())
    .filter((part) => part !== '' && !/^(INDEX|CONSTRAINT|PROJECTION)\b/.test(part))
    .flatMap(column);
  return {
    engine: /^ENGINE = (\w+)/m.exec(text)?.[1] ?? '',
    partitionKey: /^PARTITION BY (.+)$/m.exec(text)?.[1]?.trim() ?? '',
    columns,
  };
}

function column(part: string): { name: string; type: string }[] {
  const [, name = '', rest = ''] = /^(\S+)\s+([\s\S]+)$/.exec(part) ?? [];
  const type = (topLevel(rest, /\b(?:CODEC|DEFAULT|MATERIALIZED|ALIAS|COMMENT|TTL)\b/)[0] ?? '').trim();
  const nested = /^Nested\s*\(([\s\S]*)\)$/.exec(type)?.[1];
  if (nested === undefined) return [{ name, type: type.replace(/\s+/g, ' ').replace(/\bBoolean\b/g, 'Bool') }];
  return topLevel(nested, /,/)
    .map((part) => part.trim())
    .flatMap(column)
    .map((inner) => ({ name: `${name}.${inner.name}`, type: `Array(${inner.type})` }));
}

/** Splits where the pattern stands outside of all parentheses. */
function topLevel(text: string, separator: RegExp): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  const tokens = new RegExp(`[()]|'[^']*'|${separator.source}`, 'g');
  for (const { 0: token, index } of text.matchAll(tokens)) {
    if (token === '(') depth++;
    else if (token === ')') depth--;
    else if (!token.startsWith("'") && depth === 0) {
      parts.push(text.slice(start, index));
      start = index + token.length;
    }
  }
  return [...parts, text.slice(start)];
}
