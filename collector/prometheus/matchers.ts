import { type Labels, labelValue } from './labels.ts';
import { createRegexCompiler } from './regex.ts';

export type MatchOperator = '=' | '!=' | '=~' | '!~';

/** A condition on one label; `matches` is asked with an empty text for a label that is not there. */
export interface Matcher {
  name: string;
  operator: MatchOperator;
  value: string;
  matches(value: string): boolean;
}

/** Makes a condition. Throws a failure `bad_data` when the regular expression is none. */
export function createMatcher(
  name: string,
  operator: MatchOperator,
  value: string,
  compileRegex = createRegexCompiler(),
): Matcher {
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
