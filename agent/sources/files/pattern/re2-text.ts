import type { Expression } from './syntax.ts';

const lastCodePoint = 0x10ffff;
const blockCodePoints = 0x800;
const surrogateBlock = 0xd800;

/**
 * Writes an expression as RE2 takes it, which matches the same. What stands for one of several characters is written as the
 * characters that JavaScript itself takes for it: the two do not agree on `\s`, on `.` and on most of Unicode.
 * There must be nothing in it that only backtracking can do.
 */
export function re2Text(expression: Expression): string {
  const known = new Map<string, string>();
  const characters = (text: string): string => {
    const ranges = known.get(text) ?? rangesOf(text);
    known.set(text, ranges);
    return ranges;
  };
  function write(part: Expression): string {
    switch (part.kind) {
      case 'character':
        return [...part.text].length === 1 && part.text !== '.'
          ? hex(part.text.codePointAt(0) ?? 0)
          : characters(part.text);
      case 'place':
        return part.text === '^' ? '\\A' : part.text === '$' ? '\\z' : part.text;
      case 'sequence':
        return part.parts.map(write).join('');
      case 'choice':
        return `(?:${part.branches.map(write).join('|')})`;
      case 'repeat': {
        const most = part.most === Number.POSITIVE_INFINITY ? '' : part.most;
        return `(?:${write(part.body)}){${part.least},${most}}`;
      }
      case 'special':
        throw new Error(`BUG: ${part.text} can only be tried by backtracking`);
    }
  }
  return write(expression);
}

/** The characters that an escape, a class or a dot takes. */
function rangesOf(text: string): string {
  const run = new RegExp(`(?:${text})+`, 'gu');
  const ranges: { first: number; last: number }[] = [];
  for (let block = 0; block <= lastCodePoint; block += blockCodePoints) {
    // Halves of characters; no text has them.
    if (block === surrogateBlock) continue;
    const units = block > 0xffff ? 2 : 1;
    for (const { index, 0: match } of textOf(block).matchAll(run)) {
      const first = block + index / units;
      const last = first + match.length / units - 1;
      const before = ranges.at(-1);
      if (before && before.last + 1 === first) before.last = last;
      else ranges.push({ first, last });
    }
  }
  // A class that takes nothing.
  if (ranges.length === 0) return `[^${hex(0)}-${hex(lastCodePoint)}]`;
  return `[${ranges.map(({ first, last }) => `${hex(first)}-${hex(last)}`).join('')}]`;
}

function textOf(block: number): string {
  const points = new Array<number>(blockCodePoints);
  for (let index = 0; index < blockCodePoints; index += 1) points[index] = block + index;
  return String.fromCodePoint(...points);
}

const hex = (codePoint: number): string => `\\x{${codePoint.toString(16)}}`;
