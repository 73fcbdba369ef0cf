import { entityQuote, inEntities, quote, quoted, unmarked } from '../rule.ts';

/** Up to the next blank. */
const word = `(?![-/(<\`]|\\$[({]|%[A-Za-z_]+%|${entityQuote}|&amp;)(?:(?!${entityQuote}|&(?:amp;)?[lg]t;)[^ \\t\\r\\n"',;)\\]])+`;
/** The same; in quotes, up to their end. */
export const argument = `(?:${entityQuote})?${unmarked}(?<secret>${quoted}|${inEntities}|${word})`;
/** What stands before an option. */
export const before = '(?<=[ \\t\\r\\n"\'\\[,;(]|^)';
/**
 * Between an option and its value: each perhaps in quotes, as in a list, in a list of YAML, or in a record of auditd; the
 * line may go on behind a backtick (PowerShell) or a backslash (shells).
 */
export const gap = `(?:${quote},[ \\t\\r\\n]*(?=${quote})|${quote}?,?(?:[ \\t]*[\`\\\\]?\\r?\\n(?:>>|>)?(?:[ \\t]*-(?=[ ]["']?[^ \\t\\r\\n-]))?)?[ \\t\\r\\n]+(?:a\\d{1,3}=(?=\\\\{0,3}"))?|[ \\t]*[\`\\\\]\\r?\\n(?:>>|>)?[ \\t]*)`;
/**
 * Letters and digits in one word, 64 characters at most, and neither a number with its unit, a port, nor a name of a file.
 * No look goes further than that: a long line has many places to look from.
 */
export const mixedWord =
  '(?=[^ \\t\\r\\n"\']{0,64}\\d)(?=[^ \\t\\r\\n"\']{0,64}[A-Za-z])(?!\\d+[a-z]{0,2}(?:[ \\t\\r\\n"]|$)|[^ \\t\\r\\n"\']{0,64}\\.[a-z]{1,4}(?:[ \\t\\r\\n"\']|$))[^ \\t\\r\\n"\',;:=<>()\\[\\]{}/\\\\&|]{6,64}(?=[ \\t"\'<\\r\\n|]|$)';
/** Words behind `/token` and the like when it is the path of a request, or its description. */
export const noPath =
  '(?!HTTP/\\d|value[ ]?[:=]|(?:endpoint|page|reset|data|route|path|request|response|handler|rotated|rotation|through|changed?|form|link|returned|called|but|if|when|with|instead|option|argument|flag|parameter)(?![^ \\t\\r\\n]))(?<!\\b(?:GET|PUT|POST|HEAD|PATCH|DELETE|OPTIONS)[ ]/[a-z-]{1,16}[ ]{1,4})';
