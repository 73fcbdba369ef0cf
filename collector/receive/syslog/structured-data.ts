/** One `[id name="value" …]`; a name may come more than once. */
export interface StructuredElement {
  id: string;
  parameters: { name: string; value: string }[];
}

/** RFC 5424 allows 32; attribute names must stay short whatever comes. */
const maxNameLength = 128;
/** SD-NAME: printable ASCII without `=`, `]`, `"` and space. */
const namePattern = new RegExp(`[\\x21\\x23-\\x3c\\x3e-\\x5c\\x5e-\\x7e]{1,${maxNameLength}}`, 'y');

/**
 * Reads STRUCTURED-DATA (RFC 5424, 6.3) at `start`: `-` or elements without anything between them. `end` is where it
 * ends; undefined when it is malformed.
 */
export function readStructuredData(
  text: string,
  start: number,
): { elements: StructuredElement[]; end: number } | undefined {
  if (text[start] === '-') return { elements: [], end: start + 1 };
  const elements: StructuredElement[] = [];
  let at = start;

  const readName = (): string | undefined => {
    namePattern.lastIndex = at;
    const name = namePattern.exec(text)?.[0];
    if (name !== undefined) at += name.length;
    return name;
  };

  while (text[at] === '[') {
    at += 1;
    const id = readName();
    if (id === undefined) return undefined;
    const parameters: StructuredElement['parameters'] = [];
    while (text[at] === ' ') {
      at += 1;
      // A space before the bracket is against the grammar, and common.
      if (text[at] === ']' || text[at] === ' ') continue;
      const name = readName();
      if (name === undefined || text[at] !== '=' || text[at + 1] !== '"') return undefined;
      const end = closingQuote(text, at + 2);
      if (end === -1) return undefined;
      // Before any other character a backslash is a plain one (6.3.3).
      parameters.push({ name, value: text.slice(at + 2, end).replace(/\\(["\\\]])/g, '$1') });
      at = end + 1;
    }
    if (text[at] !== ']') return undefined;
    at += 1;
    elements.push({ id, parameters });
  }
  return at === start ? undefined : { elements, end: at };
}

function closingQuote(text: string, start: number): number {
  for (let at = start; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at;
    if (code === 0x5c) at += 1;
  }
  return -1;
}
