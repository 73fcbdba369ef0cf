const words = new Map<string, string>();

/**
 * Gives a schema's `pattern` words that say what it allows, as a phrase that follows the place: `must be …`. Returns the
 * pattern, for the schema. Whoever tells a fault says the words, since nobody has to read regular expressions to name a thing.
 */
export function textPattern<Pattern extends string>(pattern: Pattern, allows: string): Pattern {
  const known = words.get(pattern);
  if (known !== undefined && known !== allows) throw new Error(`BUG: two phrases for the pattern ${pattern}`);
  words.set(pattern, allows);
  return pattern;
}

/** What a pattern allows, in words; undefined of a pattern that has none. */
export const patternWords = (pattern: string): string | undefined => words.get(pattern);

/** The phrase of ids of drives and tokens. */
export const hexIdWords = 'must be an id of 16 characters of 0-9 and a-f, as the lists show it';

/** The phrase of names whose length is bounded beside the pattern. */
export const hyphenatedWords = 'must be made of a-z, 0-9 and hyphens, and begin with a letter or digit';

/** The phrase of names that many things have. */
export const nameWords = (most: number): string => `${hyphenatedWords}, with ${most} characters at most`;
