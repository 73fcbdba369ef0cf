/**
 * Characters that could drive a terminal or disguise a line: control characters (C0, DEL, C1), bidirectional
 * overrides, line separators, lone surrogates, and marks that have no width.
 */
const dangerous =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|\p{Surrogate}|[\u{e0000}-\u{e007f}]/gu;

const named: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Text from elsewhere as one line that is safe to print: what could drive the terminal is shown as an escape. */
export function printable(text: string): string {
  return text.replace(dangerous, (char) => {
    const code = char.codePointAt(0) ?? 0;
    return (
      named[char] ??
      (code < 0x100 ? `\\x${hex(code, 2)}` : code < 0x10000 ? `\\u${hex(code, 4)}` : `\\u{${hex(code, 5)}}`)
    );
  });
}

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0');
