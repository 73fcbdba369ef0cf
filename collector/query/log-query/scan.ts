import { SextantError } from '../../../errors/sextant-error.ts';

/** A piece of a query's text; `column` counts characters from 1. */
export type Token =
  | { kind: '(' | ')' | '-' | 'or' | 'and' | 'not' | 'end'; column: number }
  | { kind: 'word'; text: string; column: number }
  | { kind: 'phrase'; text: string; column: number }
  | { kind: 'field'; field: string; column: number };

/** Refuses a query with the place where it cannot be understood. */
export function queryError(column: number, what: string): SextantError {
  return new SextantError('SX_BAD_REQUEST', `q: column ${column}: ${what}`, {
    nextStep: 'see docs/log-query.md, or put the text in "quotes" to search for it as it is',
  });
}

const space = /\s/u;
const fieldName = /^[A-Za-z_][\w.\-/]*$/;

/** Cuts a query into tokens. A word ends at white space, a quote or a parenthesis; `name:` begins a field. */
export function scan(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  // True right behind `name:`; a value may hold colons and begin with a minus sign.
  let wantsValue = false;
  while (at < text.length) {
    const column = at + 1;
    const char = text.charAt(at);
    if (space.test(char)) {
      at += 1;
      wantsValue = false;
    } else if (char === '(' || char === ')') {
      tokens.push({ kind: char, column });
      at += 1;
      wantsValue = false;
    } else if (char === '-' && !wantsValue) {
      tokens.push({ kind: '-', column });
      at += 1;
    } else if (char === '"') {
      const phrase = scanPhrase(text, at);
      tokens.push({ kind: 'phrase', text: phrase.text, column });
      at = phrase.end;
      wantsValue = false;
    } else {
      let end = at;
      while (end < text.length && !/[\s()"]/u.test(text.charAt(end))) {
        end += 1;
        if (!wantsValue && text.charAt(end) === ':' && fieldName.test(text.slice(at, end))) break;
      }
      const word = text.slice(at, end);
      if (!wantsValue && text.charAt(end) === ':' && fieldName.test(word)) {
        tokens.push({ kind: 'field', field: word, column });
        at = end + 1;
        wantsValue = true;
      } else {
        tokens.push(wantsValue ? { kind: 'word', text: word, column } : operatorOrWord(word, column));
        at = end;
        wantsValue = false;
      }
    }
  }
  tokens.push({ kind: 'end', column: text.length + 1 });
  return tokens;
}

/** Operators are upper case only: `or` in a log line is a word like any other. */
function operatorOrWord(word: string, column: number): Token {
  if (word === 'OR') return { kind: 'or', column };
  if (word === 'AND') return { kind: 'and', column };
  if (word === 'NOT') return { kind: 'not', column };
  return { kind: 'word', text: word, column };
}

/** Inside quotes `\"` is a quote and `\\` a backslash; every other backslash stands for itself (Windows paths). */
function scanPhrase(text: string, start: number): { text: string; end: number } {
  let phrase = '';
  for (let at = start + 1; at < text.length; at += 1) {
    const char = text.charAt(at);
    const next = text.charAt(at + 1);
    if (char === '\\' && (next === '"' || next === '\\')) {
      phrase += next;
      at += 1;
    } else if (char === '"') {
      return { text: phrase, end: at + 1 };
    } else {
      phrase += char;
    }
  }
  throw queryError(start + 1, 'this quote is not closed');
}
