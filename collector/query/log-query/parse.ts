import type { LogQuery } from './log-query.ts';
import { queryError, scan, type Token } from './scan.ts';

/** Longer queries are refused: each term costs the engine a pass over the text. */
const maxLength = 4096;
const maxTerms = 64;
const maxDepth = 32;

/**
 * Reads a log query: words and "phrases", field:value, - or NOT, OR, parentheses; terms side by side are all required.
 * Throws SX_BAD_REQUEST that names the column where it cannot be understood.
 */
export function parseLogQuery(text: string): LogQuery {
  if (text.length > maxLength) throw queryError(maxLength, `a query has at most ${maxLength} characters`);
  const tokens = scan(text);
  let at = 0;
  let terms = 0;

  const peek = (): Token => tokens[at] ?? { kind: 'end', column: text.length + 1 };
  const take = (): Token => {
    const token = peek();
    at += 1;
    return token;
  };

  function parseAny(depth: number): LogQuery {
    if (depth > maxDepth) throw queryError(peek().column, `parentheses nest at most ${maxDepth} deep`);
    const operands = [parseAll(depth)];
    while (peek().kind === 'or') {
      take();
      operands.push(parseAll(depth));
    }
    return operands.length === 1 && operands[0] ? operands[0] : { kind: 'or', operands };
  }

  function parseAll(depth: number): LogQuery {
    const operands = [parseTerm(depth)];
    for (;;) {
      const kind = peek().kind;
      if (kind === 'and') take();
      else if (kind === 'end' || kind === 'or' || kind === ')') break;
      operands.push(parseTerm(depth));
    }
    return operands.length === 1 && operands[0] ? operands[0] : { kind: 'and', operands };
  }

  function parseTerm(depth: number): LogQuery {
    const token = take();
    terms += 1;
    if (terms > maxTerms) throw queryError(token.column, `a query has at most ${maxTerms} terms`);
    switch (token.kind) {
      case '-':
      case 'not':
        return { kind: 'not', operand: parseTerm(depth + 1) };
      case '(': {
        const inner = parseAny(depth + 1);
        if (peek().kind !== ')') throw queryError(token.column, 'this parenthesis is not closed');
        take();
        return inner;
      }
      case 'word':
        return parseWord(token.text);
      case 'phrase':
        return { kind: 'words', text: token.text };
      case 'field':
        return parseField(token.field, token.column);
      case ')':
        throw queryError(token.column, 'this parenthesis was never opened');
      default:
        throw queryError(token.column, 'a word, "phrase", field:value or parenthesis is missing here');
    }
  }

  function parseField(field: string, column: number): LogQuery {
    const value = peek();
    if (value.kind === 'phrase') {
      take();
      return { kind: 'field', field, comparison: '=', value: value.text, column };
    }
    // A value stands right behind its colon; `field: word` would silently search for something else.
    if (value.kind !== 'word' || value.column !== column + field.length + 1) {
      throw queryError(column, `${field}: needs a value right behind the colon`);
    }
    take();
    if (value.text === '*') return { kind: 'field', field, comparison: 'present', value: '', column };
    if (value.text.endsWith('*')) {
      return { kind: 'field', field, comparison: 'starts-with', value: value.text.slice(0, -1), column };
    }
    const comparison = value.text.startsWith('>=') ? '>=' : value.text.startsWith('<=') ? '<=' : '=';
    const operand = comparison === '=' ? value.text : value.text.slice(2);
    return { kind: 'field', field, comparison, value: operand, column };
  }

  /** A star in front or behind: also inside a longer word. */
  function parseWord(word: string): LogQuery {
    const inner = word.replace(/^\*|\*$/g, '');
    return inner === word || inner === '' ? { kind: 'words', text: word } : { kind: 'text', text: inner };
  }

  if (peek().kind === 'end') return { kind: 'everything' };
  const query = parseAny(0);
  const rest = peek();
  if (rest.kind !== 'end') throw queryError(rest.column, 'this parenthesis was never opened');
  return query;
}
