/** A value's text may be as long; what is longer is left out. */
const maxLogicalChars = 2 ** 20;

/**
 * Makes the text of a `.reg` file (version 5, decoded) readable, and with that redactable: texts that stand in it as bytes
 * (`hex(2)` expandable, `hex(7)` several) are written as text, numbers of eight bytes as numbers. Other binary values cannot be
 * looked through line by line and are left out, with their size. Memory for one value, 1 MiB of it at most.
 */
export async function* registryText(source: AsyncIterable<string>): AsyncGenerator<string> {
  let logical = '';
  let dropped = false;
  for await (const line of linesOf(source)) {
    const continued = line.endsWith('\\') && /^(?:\s|"|@)/.test(line);
    const part = continued ? line.slice(0, -1).trim() : line.trim();
    if (logical.length + part.length > maxLogicalChars) dropped = true;
    else logical += part;
    if (continued) continue;
    yield `${dropped ? `${nameOf(logical)}=[sextant: left out: a value of more than 1 MiB]` : readable(logical)}\n`;
    logical = '';
    dropped = false;
  }
  if (logical !== '') yield `${readable(logical)}\n`;
}

async function* linesOf(source: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of source) {
    const lines = (rest + chunk).split(/\r?\n/);
    rest = lines.pop() ?? '';
    if (rest.length > maxLogicalChars) {
      yield rest;
      rest = '';
    }
    yield* lines;
  }
  if (rest !== '') yield rest.replace(/\r$/, '');
}

/** `"name"=hex(7):61,00,…`, with the name in quotes or `@` for the key's own value. */
const binaryValue = /^("(?:[^"\\]|\\.)*"|@)=hex(?:\(([0-9a-f]+)\))?:([0-9a-fA-F,\s]*)$/;
const nameOf = (line: string): string => /^("(?:[^"\\]|\\.)*"|@)=/.exec(line)?.[1] ?? '"?"';
const kinds: Record<string, string> = { '1': 'text', '2': 'expandable', '7': 'texts' };

function readable(line: string): string {
  const value = binaryValue.exec(line);
  if (!value) return line;
  const [, name = '', type = '3', hex = ''] = value;
  const bytes = Buffer.from(hex.replace(/[^0-9a-fA-F]/g, ''), 'hex');
  const kind = kinds[type];
  if (kind !== undefined) {
    const texts = new TextDecoder('utf-16le').decode(bytes).replace(/\0+$/, '').split('\0');
    // One line for each: what is redacted is redacted by the line.
    return texts.map((text) => `${name}=${kind}:${JSON.stringify(text)}`).join('\n');
  }
  if (type === 'b' && bytes.length === 8)
    return `${name}=qword:${bytes.readBigUInt64LE().toString(16).padStart(16, '0')}`;
  return `${name}=[sextant: left out: ${bytes.length} bytes that are no text]`;
}
