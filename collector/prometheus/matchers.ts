import { RE2JS } from 're2js';
import { badData } from './failure.ts';
import { type Labels, labelValue } from './labels.ts';

export type MatchOperator = '=' | '!=' | '=~' | '!~';

/** A condition on one label; `matches` is asked with an empty text for a label that is not there. */
export interface Matcher {
  name: string;
  operator: MatchOperator;
  value: string;
  matches(value: string): boolean;
}

/** RE2 takes time with the size of its program times that of the text: an expression that unfolds is refused. */
const bounds = { characters: 8192, repetitions: 1000, instructions: 2000, unicodeClasses: 50 };

/** A regular expression as Prometheus takes it: Go's syntax, on the whole text. Throws a failure `bad_data`. */
export function compileRegex(pattern: string): RE2JS {
  const repetitions = [...pattern.matchAll(/\{(?:\d*,)?(\d+)/g)].reduce((sum, [, times]) => sum + Number(times), 0);
  // Without regard to case, one takes a millisecond to compile.
  const unicodeClasses = pattern.match(/\\[pP]/g)?.length ?? 0;
  if (pattern.length > bounds.characters || repetitions > bounds.repetitions) throw tooLarge();
  if (unicodeClasses > bounds.unicodeClasses) throw tooLarge();
  let regex: RE2JS;
  try {
    regex = RE2JS.compile(pattern, RE2JS.DOTALL);
  } catch (error) {
    throw badData(error instanceof Error ? error.message : String(error));
  }
  if (regex.programSize() > bounds.instructions) throw tooLarge();
  return regex;
}

const tooLarge = () => badData('error parsing regexp: expression too large');

/** Makes a condition. Throws a failure `bad_data` when the regular expression is none. */
export function createMatcher(name: string, operator: MatchOperator, value: string): Matcher {
  if (operator === '=') return { name, operator, value, matches: (text) => text === value };
  if (operator === '!=') return { name, operator, value, matches: (text) => text !== value };
  const regex = compileRegex(value);
  const wanted = operator === '=~';
  /** The same few values come with every series. */
  const known = new Map<string, boolean>();
  const matches = (text: string): boolean => {
    const answer = known.get(text) ?? regex.matches(text) === wanted;
    known.set(text, answer);
    return answer;
  };
  return { name, operator, value, matches };
}

export const matchesAll = (labels: Labels, matchers: readonly Matcher[]): boolean =>
  matchers.every((matcher) => matcher.matches(labelValue(labels, matcher.name)));
