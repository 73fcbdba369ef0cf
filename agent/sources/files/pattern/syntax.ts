/** What an expression of JavaScript (flag `u`) is made of, as far as it says how one is tried. */
export type Expression =
  /** One character of the line; `text` as it was written: `a`, `\.`, `\d`, `[a-z]`, `.`. */
  | { kind: 'character'; text: string }
  /** A place between two characters. */
  | { kind: 'place'; text: '^' | '$' | '\\b' | '\\B' }
  | { kind: 'sequence'; parts: Expression[] }
  | { kind: 'choice'; branches: Expression[] }
  | { kind: 'repeat'; body: Expression; least: number; most: number }
  /** What only backtracking can do: `(?=…)` and the like, `(?i:…)`, `\1`; the last has no body. */
  | { kind: 'special'; text: string; body: Expression | undefined; looks: boolean };

const tokens =
  /\\u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|\\u\{[\da-fA-F]+\}|\\u[\da-fA-F]{4}|\\x[\da-fA-F]{2}|\\c[a-zA-Z]|\\[pP]\{[^}]*\}|\\k<[^>]*>|\\[1-9]\d*|\\.|\[(?:\\.|[^\\\]])*\]|\(\?(?:<?[=!]|[a-z-]*:|<[^>]*>)|[*+?]\??|\{\d+(?:,\d*)?\}\??|./gsu;

/** Reads an expression that `new RegExp(text, 'u')` takes; of others the result means nothing. */
export function parseExpression(text: string): Expression {
  const parts = text.match(tokens) ?? [];
  let at = 0;

  function choice(): Expression {
    const branches = [sequence()];
    while (parts[at] === '|') {
      at += 1;
      branches.push(sequence());
    }
    const [only] = branches;
    return only && branches.length === 1 ? only : { kind: 'choice', branches };
  }

  function sequence(): Expression {
    const found: Expression[] = [];
    for (let token = parts[at]; token !== undefined && token !== '|' && token !== ')'; token = parts[at]) {
      found.push(repeated(one(token)));
    }
    const [only] = found;
    return only && found.length === 1 ? only : { kind: 'sequence', parts: found };
  }

  function one(token: string): Expression {
    at += 1;
    if (token === '^' || token === '$' || token === '\\b' || token === '\\B') return { kind: 'place', text: token };
    if (/^\\(?:[1-9]|k<)/.test(token)) return { kind: 'special', text: token, body: undefined, looks: false };
    if (!token.startsWith('(')) return { kind: 'character', text: token };
    const body = choice();
    at += 1;
    if (/^\((?:\?:|\?<[^=!].*)?$/s.test(token)) return body;
    return { kind: 'special', text: `${token}…)`, body, looks: /[=!]$/.test(token) };
  }

  function repeated(body: Expression): Expression {
    const token = parts[at] ?? '';
    const [, sign, least, comma, most] = /^(?:([*+?])|\{(\d+)(,?)(\d*)\})\??$/.exec(token) ?? [];
    if (sign === undefined && least === undefined) return body;
    at += 1;
    if (sign)
      return { kind: 'repeat', body, least: sign === '+' ? 1 : 0, most: sign === '?' ? 1 : Number.POSITIVE_INFINITY };
    const atLeast = Number(least);
    const atMost = most ? Number(most) : comma ? Number.POSITIVE_INFINITY : atLeast;
    return { kind: 'repeat', body, least: atLeast, most: atMost };
  }

  return choice();
}
