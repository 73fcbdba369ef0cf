import { mostSteps } from './steps.ts';
import { type Expression, parseExpression } from './syntax.ts';

/** An expression of a profile, tried on the beginnings of lines. */
export interface LinePattern {
  test(beginning: string): boolean;
}

/** Patterns look at the beginning of a line only: what they may cost is reckoned for it. */
export const lookAtBytes = 256;

/**
 * What one line may cost. 1,024 lines of a chunk (256 KiB) are tried in one turn: V8 takes 1 to 2 ns a step, so 0.5 s in the
 * worst of cases.
 */
const maxSteps = 250_000;
/**
 * RE2 takes time with its size. In the worst of cases, which makes it throw away all that it has prepared at each character,
 * 12 µs a line and instruction (2026-11-29, 2 cores, 24 GiB), so 1.2 s for those lines; 0.1 to 4 µs a line in others.
 */
const maxInstructions = 100;

/** How a pattern is tried: `undefined` by V8, which goes back and forth; else by RE2, which never does. */
function judge(text: string): { linear: Expression | undefined } | { fault: string } {
  let regex: RegExp;
  try {
    regex = new RegExp(text, 'u');
    // What is too large is found out only when it is used.
    regex.test('');
  } catch (error) {
    const [, why = 'it cannot be read'] =
      /^Invalid regular expression: .*: (.*)$/s.exec((error as Error).message) ?? [];
    return {
      fault: `is no expression of JavaScript with Unicode (${why}); put a \\ before a character that stands for itself`,
    };
  }
  const expression = parseExpression(text);
  if (mostSteps(expression, lookAtBytes) <= maxSteps) return { linear: undefined };
  const special = findSpecial(expression);
  if (special !== undefined) {
    return {
      fault: `could take for ever over one line, and with ${special} in it there is no other way to try it; repeat nothing that repeats something itself, or do without ${special}`,
    };
  }
  if (sizeOf(expression) > maxInstructions) {
    return {
      fault:
        'could take for ever over one line; repeat less often what repeats something itself, or write a shorter one',
    };
  }
  return { linear: expression };
}

/** Why a pattern will not do: a phrase that follows it, with what to do. */
export function patternFault(text: string): string | undefined {
  const judged = judge(text);
  return 'fault' in judged ? judged.fault : undefined;
}

/**
 * Compiles a pattern. Whatever it is and whatever the line, it is tried in bounded time: one over whose ways through a line
 * V8 could sit for ever goes to RE2, which matches the same. That one is loaded only then; it takes 5 MB.
 */
export async function compilePattern(text: string): Promise<LinePattern> {
  const judged = judge(text);
  if ('fault' in judged) throw new Error(`BUG: the pattern ${text} ${judged.fault}`);
  if (!judged.linear) return new RegExp(text, 'u');
  const [{ RE2JS }, { re2Text }] = await Promise.all([import('re2js'), import('./re2-text.ts')]);
  return RE2JS.compile(re2Text(judged.linear));
}

const findSpecial = (expression: Expression): string | undefined => {
  if (expression.kind === 'special') return expression.text;
  return partsOf(expression)
    .map(findSpecial)
    .find((found) => found !== undefined);
};

/** About as many instructions as RE2 makes of it. */
function sizeOf(expression: Expression): number {
  const inside = partsOf(expression).reduce((total, part) => total + sizeOf(part), 0);
  switch (expression.kind) {
    case 'sequence':
      return inside;
    case 'choice':
      return inside + expression.branches.length - 1;
    case 'repeat': {
      const { least, most } = expression;
      return most === Number.POSITIVE_INFINITY ? Math.max(1, least) * inside + 1 : most * (inside + 1) - least;
    }
    default:
      return inside + 1;
  }
}

function partsOf(expression: Expression): readonly Expression[] {
  if (expression.kind === 'sequence') return expression.parts;
  if (expression.kind === 'choice') return expression.branches;
  if (expression.kind === 'repeat') return [expression.body];
  return expression.kind === 'special' && expression.body ? [expression.body] : [];
}
