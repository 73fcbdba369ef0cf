import { entityQuote, inEntities, quote, quoted, unmarked } from '../rule.ts';

/** Up to the next blank. */
const word = `(?![-/(<]|\\$[({]|%[A-Za-z_]+%|${entityQuote}|&amp;)(?:(?!${entityQuote}|&(?:amp;)?[lg]t;)[^ \\t\\r\\n"',;)\\]])+`;
/** The same; in quotes, up to their end. */
export const argument = `(?:${entityQuote})?${unmarked}(?<secret>${quoted}|${inEntities}|${word})`;
/** What stands before an option. */
export const before = '(?<=[ \\t\\r\\n"\'\\[,;(]|^)';
/** Between an option and its value, each perhaps in quotes, as in a list. */
export const gap = `${quote}?,?[ \\t\\r\\n]+`;
/** Words behind `/token` and the like when it is the path of a request, or its description. */
export const noPath =
  '(?!HTTP/\\d|(?:endpoint|page|reset|data|route|path|request|response|handler|rotated|rotation|through|changed?|form|link|returned|called)\\b)(?<!\\b(?:GET|PUT|POST|HEAD|PATCH|DELETE|OPTIONS)[ ]/[a-z-]{1,16}[ ]{1,4})';
