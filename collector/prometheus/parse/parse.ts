import { badData } from '../failure.ts';
import type { Matcher } from '../matchers.ts';
import { createRegexCompiler } from '../regex.ts';
import { checkTypes } from './check-types.ts';
import type { Expression } from './expression.ts';
import { shorten } from './query-text.ts';
import { Reading } from './reading.ts';

/** Far above what people and Grafana write; the grammar's own parser takes more than linear time with the depth. */
const bounds = { characters: 65_536, brackets: 64 };

/**
 * Reads a query by the Prometheus project's grammar. Throws a failure `bad_data` that says where it is not one, or which
 * part of the language is not supported.
 */
export function parseQuery(text: string, compileRegex = createRegexCompiler()): Expression {
  checkBounds(text);
  const expression = new Reading(text, compileRegex).read();
  checkTypes(expression);
  return expression;
}

/** Reads a selector such as `up{job="x"}`, as `match[]` takes it. Those of one request share a compiler. */
export function parseSelector(text: string, compileRegex = createRegexCompiler()): Matcher[] {
  const expression = parseQuery(text, compileRegex);
  if (expression.kind !== 'selector' || expression.rangeMs !== undefined) {
    throw badData(`${JSON.stringify(shorten(text))} is not a series selector`);
  }
  return expression.matchers;
}

function checkBounds(text: string): void {
  if (text.trim() === '') throw badData('unknown position: parse error: no expression found in input');
  if (text.length > bounds.characters) throw badData(`a query is longer than ${bounds.characters} characters`);
  let depth = 0;
  let deepest = 0;
  // Quotes in comments begin nothing, and brackets there are none. A quote that has no end is read to the end of the
  // text: else all of it would be read from each next quote again.
  for (const [piece] of text.matchAll(
    /"(?:\\.|[^"\\])*(?:"|\\?$)|'(?:\\.|[^'\\])*(?:'|\\?$)|`[^`]*(?:`|$)|#[^\n]*|[()]/gs,
  )) {
    if (piece === '(') deepest = Math.max(deepest, ++depth);
    else if (piece === ')') depth--;
  }
  if (deepest > bounds.brackets) throw badData(`brackets are nested deeper than ${bounds.brackets} levels`);
}
