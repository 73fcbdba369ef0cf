import type { SyntaxNode } from '@lezer/common';

/**
 * The grammar gives what stands behind an expression (`offset`, `@`, `[5m]`) to all that stands before it, and a sign to
 * the number behind it: in `a + b offset 5m * c` and `-2 ^ 2` its tree is not what Prometheus reads. So what is not in
 * brackets is laid out flat and put together again by Prometheus' own precedence.
 */
export type Token =
  | { kind: 'operand'; node: SyntaxNode }
  | { kind: 'sign'; node: SyntaxNode; isMinus: boolean }
  | { kind: 'operator'; node: SyntaxNode; word: string; modifiers: SyntaxNode[] }
  /** `offset`, `@`, a range or a subquery; its node holds what it stands behind as well. */
  | { kind: 'suffix'; node: SyntaxNode };

const suffixes = new Set([
  'OffsetExpr',
  'StepInvariantExpr',
  'MatrixSelector',
  'SubqueryExpr',
  'AnchoredExpr',
  'SmoothedExpr',
]);

/** What is not in brackets, in the order of the text. */
export function flatten(top: SyntaxNode, words: (node: SyntaxNode) => string): Token[] {
  const tokens: Token[] = [];
  const pending: (SyntaxNode | Token)[] = [top];
  for (let next = pending.pop(); next; next = pending.pop()) {
    if ('kind' in next) {
      tokens.push(next);
      continue;
    }
    const children = childrenOf(next);
    const [first, second] = children;
    const last = children.at(-1);
    if (next.name === 'BinaryExpr' && first && second && last) {
      const operator: Token = {
        kind: 'operator',
        node: second,
        word: words(second).toLowerCase(),
        modifiers: children.slice(2, -1),
      };
      pending.push(last, operator, first);
    } else if (next.name === 'UnaryExpr' && first && last) {
      pending.push(last, { kind: 'sign', node: next, isMinus: words(first) === '-' });
    } else if (suffixes.has(next.name) && first) {
      pending.push({ kind: 'suffix', node: next }, first);
    } else {
      const sign = next.name === 'NumberDurationLiteral' ? words(next)[0] : undefined;
      if (sign === '-' || sign === '+') tokens.push({ kind: 'sign', node: next, isMinus: sign === '-' });
      tokens.push({ kind: 'operand', node: next });
    }
  }
  return tokens;
}

const precedences: Record<string, number> = {
  or: 1,
  ...{ and: 2, unless: 2 },
  ...{ '==': 3, '!=': 3, '<': 3, '>': 3, '<=': 3, '>=': 3, '</': 3, '>/': 3 },
  ...{ '+': 4, '-': 4 },
  ...{ '*': 5, '/': 5, '%': 5, atan2: 5 },
  '^': 6,
};
const power = 6;

interface Building<Value> {
  operand(node: SyntaxNode): Value;
  sign(token: Extract<Token, { kind: 'sign' }>, inner: Value): Value;
  suffix(node: SyntaxNode, inner: Value, operand: SyntaxNode): Value;
  operator(token: Extract<Token, { kind: 'operator' }>, left: Value, right: Value): Value;
}

/** Puts tokens together: suffixes first, then powers from the right, signs, and the others from the left. */
export function climb<Value>(tokens: Token[], build: Building<Value>): Value {
  let at = 0;

  function primary(): Value {
    const token = tokens[at++];
    if (token?.kind === 'sign') return build.sign(token, climbFrom(power));
    if (token?.kind !== 'operand') throw new Error('BUG: an operand was expected');
    let value = build.operand(token.node);
    for (let next = tokens[at]; next?.kind === 'suffix'; next = tokens[at]) {
      value = build.suffix(next.node, value, token.node);
      at++;
    }
    return value;
  }

  function climbFrom(least: number): Value {
    let left = primary();
    for (let next = tokens[at]; next?.kind === 'operator'; next = tokens[at]) {
      const precedence = precedences[next.word] ?? 0;
      if (precedence < least) break;
      at++;
      left = build.operator(next, left, climbFrom(next.word === '^' ? precedence : precedence + 1));
    }
    return left;
  }

  return climbFrom(0);
}

export function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) {
    if (child.name !== 'LineComment') children.push(child);
  }
  return children;
}
