/** A Common Event Format payload; what is escaped is told plainly. */
export interface Cef {
  version: string;
  deviceVendor: string;
  deviceProduct: string;
  deviceVersion: string;
  signatureId: string;
  name: string;
  severity: string;
  extensions: { key: string; value: string }[];
}

/** The control plane's documentation writes `CEF: 0.0|`, everybody else `CEF:0|`. */
const front = /^CEF: ?(\d{1,3}(?:\.\d{1,3})?)\|/;
/** Behind a header in no known format it is looked for this far. */
const searchedCharacters = 512;
const maxKeyLength = 128;
const extensionKey = new RegExp(`(?:^| )([\\w.\\-[\\]]{1,${maxKeyLength}})=`, 'g');

export const startsWithCef = (text: string): boolean => front.test(text);

/** Reads a CEF payload that begins the text or a word near its front; undefined when there is none, or half of one. */
export function readCef(text: string): Cef | undefined {
  const start = text.slice(0, searchedCharacters).search(/(?<=^|\s)CEF: ?\d/);
  if (start === -1) return undefined;
  const payload = start === 0 ? text : text.slice(start);
  const opening = front.exec(payload);
  if (!opening?.[1]) return undefined;

  const fields: string[] = [];
  let at = opening[0].length;
  while (fields.length < 6) {
    const end = unescapedPipe(payload, at);
    // Some leave out the last bar when there is no extension.
    if (end === -1 && fields.length < 5) return undefined;
    fields.push(payload.slice(at, end === -1 ? undefined : end).replace(/\\([|\\])/g, '$1'));
    at = end === -1 ? payload.length : end + 1;
  }
  const [deviceVendor = '', deviceProduct = '', deviceVersion = '', signatureId = '', name = '', severity = ''] =
    fields;
  return {
    version: opening[1],
    deviceVendor,
    deviceProduct,
    deviceVersion,
    signatureId,
    name,
    severity: severity.trim(),
    extensions: readExtensions(payload.slice(at)),
  };
}

function unescapedPipe(text: string, start: number): number {
  for (let at = start; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x7c) return at;
    if (code === 0x5c) at += 1;
  }
  return -1;
}

/**
 * `key=value key=value`: a value ends where a space, a key and an equals sign follow, so that it may hold spaces, and
 * equals signs that nobody escaped.
 */
function readExtensions(text: string): Cef['extensions'] {
  const keys = [...text.trimStart().matchAll(extensionKey)];
  const source = text.trimStart();
  return keys.map((match, index) => {
    const start = match.index + match[0].length;
    return { key: match[1] ?? '', value: unescapeValue(source.slice(start, keys[index + 1]?.index).trim()) };
  });
}

const escapes: Record<string, string> = { n: '\n', r: '\r', '=': '=', '\\': '\\', '|': '|' };

/** A backslash before any other character is a plain one: paths of Windows come unescaped more often than not. */
const unescapeValue = (value: string): string =>
  value.includes('\\') ? value.replace(/\\([nr=\\|])/g, (_, character: string) => escapes[character] ?? '') : value;
