import type { Expression } from './syntax.ts';

interface Effort {
  /** In how many ways a text can be taken, each of which may be tried before the whole is given up. */
  ways: number;
  /** Steps to try them all once. */
  steps: number;
}

/**
 * The most steps that a backtracking engine takes for a line of so many characters: it tries every way through the
 * expression before it says no. Rather too many than too few: that what follows may rule most of them out is not seen.
 * Infinity for what grows with a power of two.
 */
export function mostSteps(expression: Expression, characters: number): number {
  const { steps } = effortOf(expression, characters);
  return isAtStart(expression) ? steps : steps * (characters + 1);
}

function effortOf(expression: Expression, characters: number): Effort {
  switch (expression.kind) {
    case 'character':
    case 'place':
      return { ways: 1, steps: 1 };
    case 'sequence': {
      let [ways, steps] = [1, 1];
      for (const part of expression.parts) {
        const own = effortOf(part, characters);
        steps += ways * own.steps;
        ways *= own.ways;
      }
      return { ways, steps };
    }
    case 'choice': {
      const efforts = expression.branches.map((branch) => effortOf(branch, characters));
      return { ways: sum(efforts.map(({ ways }) => ways)), steps: 1 + sum(efforts.map(({ steps }) => steps)) };
    }
    case 'repeat':
      return ofRepeat(expression, effortOf(expression.body, characters), characters);
    case 'special': {
      const body = expression.body ? effortOf(expression.body, characters) : { ways: 1, steps: characters };
      // A look ahead or behind is not gone back into.
      return expression.looks ? { ...body, ways: 1 } : body;
    }
  }
}

function ofRepeat({ least, most }: { least: number; most: number }, body: Effort, characters: number): Effort {
  // One that takes nothing is not repeated beyond what must be.
  const times = Math.max(least, Math.min(most, characters));
  let [ways, steps, before] = [0, 1, 1];
  for (let taken = 0; taken <= times; taken += 1) {
    if (taken >= least) ways += before;
    if (taken < times) steps += before * body.steps;
    before *= body.ways;
    if (!Number.isFinite(steps + ways)) break;
  }
  return { ways, steps: steps + ways };
}

/** Can match nowhere but at the beginning. */
function isAtStart(expression: Expression): boolean {
  if (expression.kind === 'place') return expression.text === '^';
  if (expression.kind === 'choice') return expression.branches.every(isAtStart);
  return expression.kind === 'sequence' && expression.parts[0] !== undefined && isAtStart(expression.parts[0]);
}

const sum = (numbers: number[]): number => numbers.reduce((total, each) => total + each, 0);
