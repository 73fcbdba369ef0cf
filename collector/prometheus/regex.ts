import { RE2JS } from 're2js';
import { badData } from './failure.ts';

/** RE2 takes time with the size of its program times that of the text: an expression that unfolds is refused. */
const mostOfOne = { characters: 8192, repetitions: 1000, instructions: 2000 };
/**
 * Of all that a request brings, since compiling is not interrupted. Without regard to case, a class of Unicode takes up to
 * a millisecond, and of ranges each code point is folded for itself: 500,000 take 30 ms.
 */
const mostOfRequest = { characters: 65_536, unicodeClasses: 50, foldedCodePoints: 500_000 };

/** A regular expression as Prometheus takes it: Go's syntax, on the whole text. Throws a failure `bad_data`. */
export type CompileRegex = (pattern: string) => RE2JS;

/** Compiles the regular expressions of one request, equal ones once, within the bounds that they share. */
export function createRegexCompiler(): CompileRegex {
  const left = { ...mostOfRequest };
  const compiled = new Map<string, RE2JS>();
  const take = (what: keyof typeof left, count: number): void => {
    left[what] -= count;
    if (left[what] < 0) throw tooLarge();
  };
  return (pattern) => {
    const known = compiled.get(pattern);
    if (known) return known;
    const repetitions = [...pattern.matchAll(/\{(?:\d*,)?(\d+)/g)].reduce((sum, [, times]) => sum + Number(times), 0);
    if (pattern.length > mostOfOne.characters || repetitions > mostOfOne.repetitions) throw tooLarge();
    take('characters', pattern.length);
    take('unicodeClasses', pattern.match(/\\[pP]/g)?.length ?? 0);
    take('foldedCodePoints', foldedCodePoints(pattern));
    let regex: RE2JS;
    try {
      regex = RE2JS.compile(pattern, RE2JS.DOTALL);
    } catch (error) {
      throw badData(error instanceof Error ? error.message : String(error));
    }
    if (regex.programSize() > mostOfOne.instructions) throw tooLarge();
    compiled.set(pattern, regex);
    return regex;
  };
}

const tooLarge = () => badData('error parsing regexp: expression too large');

/** What re2js 2 folds one by one; a range that covers all of it is not folded. */
const folded = { first: 0x41, last: 0x1e943 };

/** The code points of ranges that have to be folded, rather too many than too few: ranges are looked for outside classes too. */
function foldedCodePoints(pattern: string): number {
  if (!/\(\?[a-zA-Z-]*i/.test(pattern)) return 0;
  const tokens = pattern.match(/\\x\{[0-9a-f]+\}|\\x[0-9a-f]{2}|\\[0-7]{1,3}|\\.|\\|[^\\]/gisu) ?? [];
  return tokens.reduce((sum, token, index) => {
    if (token !== '-') return sum;
    const low = codePointOf(tokens[index - 1] ?? '');
    const high = codePointOf(tokens[index + 1] ?? '');
    if (low <= folded.first && high >= folded.last) return sum;
    return sum + Math.max(0, Math.min(high, folded.last) - Math.max(low, folded.first) + 1);
  }, 0);
}

function codePointOf(token: string): number {
  const [, hex, octal, letter] = /^\\(?:x\{?([0-9a-f]+)\}?|([0-7]+)|(.))$/isu.exec(token) ?? [];
  if (hex !== undefined) return Number.parseInt(hex, 16);
  if (octal !== undefined) return Number.parseInt(octal, 8);
  return (letter ?? token).codePointAt(0) ?? 0;
}
