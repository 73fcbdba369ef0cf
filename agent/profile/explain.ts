import type { Placed } from './placed.ts';

/** One value of the effective profile and where it was written. */
export interface ExplainedValue {
  /** `files.follow.0`, `bundle.system.items.uname.command`: items of a list by their name where they have one. */
  path: string;
  value: unknown;
  file: string;
  /** 0 for a default. */
  line: number;
}

/** Every value of the profile in order; a list or map without content counts as one. */
export function explainValues(placed: Placed): ExplainedValue[] {
  const out: ExplainedValue[] = [];
  function walk(at: Placed, path: readonly string[]): void {
    const leaf = (value: unknown) => out.push({ path: path.join('.'), value, ...at.origin });
    if (at.kind === 'leaf') leaf(at.value);
    else if (at.kind === 'list') {
      if (at.items.length === 0 || isFlow(at)) leaf(at.items.map((item) => (item.kind === 'leaf' ? item.value : null)));
      else for (const [index, item] of at.items.entries()) walk(item, [...path, nameOf(item) ?? String(index)]);
    } else {
      if (at.entries.size === 0) leaf({});
      for (const [key, value] of at.entries) walk(value, [...path, key]);
    }
  }
  walk(placed, []);
  return out;
}

/**
 * The profile as YAML, each line with the place it comes from as a comment: it can be read again as it stands.
 * `shorten` turns a file's path into what is printed.
 */
export function explainText(placed: Placed, shorten: (file: string) => string): string {
  const lines: { text: string; from: string }[] = [];
  function walk(at: Placed, indent: string, lead: string): void {
    const from = at.origin.line === 0 ? 'default' : `${shorten(at.origin.file)}:${at.origin.line}`;
    if (at.kind === 'leaf') lines.push({ text: `${lead}${scalar(at.value)}`, from });
    else if (at.kind === 'list') {
      if (at.items.length === 0) lines.push({ text: `${lead}[]`, from });
      else if (isFlow(at)) {
        const items = at.items.map((item) => scalar(item.kind === 'leaf' ? item.value : null));
        lines.push({ text: `${lead}[${items.join(', ')}]`, from });
      } else {
        if (lead.trim() !== '') lines.push({ text: lead.trimEnd(), from: '' });
        for (const item of at.items) walk(item, `${indent}  `, `${indent}- `);
      }
    } else if (at.entries.size === 0) lines.push({ text: `${lead}{}`, from });
    else {
      // A map in a list begins on the line of its dash.
      const inList = lead.endsWith('- ');
      if (!inList && lead.trim() !== '') lines.push({ text: lead.trimEnd(), from: '' });
      let first = inList;
      for (const [key, value] of at.entries) {
        walk(value, `${indent}  `, `${first ? lead : indent}${scalar(key)}: `);
        first = false;
      }
    }
  }
  walk(placed, '', '');
  const width = Math.min(72, Math.max(...lines.map(({ text }) => text.length)));
  return lines.map(({ text, from }) => (from === '' ? text : `${text.padEnd(width)}  # ${from}`)).join('\n');
}

/** A list that was written as one: all plain, and all in the same place (a command's arguments). */
const isFlow = (list: Placed & { kind: 'list' }): boolean =>
  list.items.length > 0 &&
  list.items.every(
    ({ kind, origin }) => kind === 'leaf' && origin.line === list.origin.line && origin.file === list.origin.file,
  );

function nameOf(placed: Placed): string | undefined {
  const name = placed.kind === 'map' ? placed.entries.get('name') : undefined;
  return name?.kind === 'leaf' ? String(name.value) : undefined;
}

/** Quoted where YAML would read something else; control characters never get through. */
function scalar(value: unknown): string {
  if (typeof value !== 'string') return String(value);
  return /^[A-Za-z_/][A-Za-z0-9_/.+-]*$/.test(value) && !/^(?:true|false|null|yes|no|on|off)$/i.test(value)
    ? value
    : JSON.stringify(value);
}
