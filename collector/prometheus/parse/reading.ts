import type { SyntaxNode } from '@lezer/common';
import { badData } from '../failure.ts';
import { nameLabel } from '../labels.ts';
import { createMatcher, type Matcher, type MatchOperator } from '../matchers.ts';
import type { CompileRegex } from '../regex.ts';
import type { Binary, Expression, Matching, Selector, Subquery } from './expression.ts';
import { childrenOf, climb, flatten, type Token } from './operators.ts';
import { punctuation, QueryText } from './query-text.ts';

/** Of operands in each other; far above what people and Grafana write. */
const maxDepth = 250;

/** One reading of a text: from the grammar's tree to an expression. */
export class Reading {
  readonly #text: QueryText;
  readonly #compileRegex: CompileRegex;
  #depth = 0;

  constructor(text: string, compileRegex: CompileRegex) {
    this.#text = new QueryText(text);
    this.#compileRegex = compileRegex;
  }

  read(): Expression {
    const tree = this.#text.parse();
    const top = tree.topNode.firstChild;
    if (!top) throw badData('unknown position: parse error: no expression found in input');
    return this.#expression(top);
  }

  #expression(node: SyntaxNode): Expression {
    const tokens = flatten(node, this.#text.words);
    this.#depth += tokens.length;
    if (this.#depth > maxDepth) this.#text.fail(node, `operations are nested deeper than ${maxDepth} levels`);
    const expression = climb<Expression>(tokens, {
      operand: (operand) => this.#operand(operand),
      sign: ({ isMinus }, inner) => (isMinus ? negated(inner) : inner),
      suffix: (suffix, inner, operand) => this.#suffix(suffix, inner, operand),
      operator: (token, left, right) => this.#binary(token, left, right),
    });
    this.#depth -= tokens.length;
    return expression;
  }

  #operand(node: SyntaxNode): Expression {
    const children = childrenOf(node);
    switch (node.name) {
      case 'ParenExpr':
        return this.#expression(this.#text.only(node, children));
      case 'NumberDurationLiteral':
        return { kind: 'number', value: this.#text.unsigned(node) };
      case 'StringLiteral':
        return { kind: 'string', value: this.#text.string(node) };
      case 'VectorSelector':
        return this.#selector(node, children);
      case 'FunctionCall':
        return this.#call(children);
      case 'AggregateExpr':
        return this.#aggregate(node, children);
      default:
        return this.#text.fail(node, `${node.name} is not supported by this server`);
    }
  }

  #suffix(node: SyntaxNode, inner: Expression, operand: SyntaxNode): Expression {
    const children = childrenOf(node);
    switch (node.name) {
      case 'MatrixSelector':
        return this.#range(node, children, inner, operand);
      case 'SubqueryExpr':
        return this.#subquery(node, children, inner);
      case 'OffsetExpr':
        return this.#offset(node, children, this.#movable(node, inner, operand, 'offset'));
      case 'StepInvariantExpr':
        return this.#fixed(node, children, this.#movable(node, inner, operand, '@'));
      default:
        return this.#text.fail(node, `${names[node.name] ?? node.name} is not supported by this server`);
    }
  }

  #selector(node: SyntaxNode, children: SyntaxNode[]): Selector {
    const matchers: Matcher[] = [];
    let name: string | undefined;
    const setName = (value: string) => {
      if (name !== undefined) this.#text.fail(node, `metric name must not be set twice: "${name}" or "${value}"`);
      name = value;
      matchers.push(createMatcher(nameLabel, '=', value));
    };
    for (const child of children) {
      if (child.name === 'Identifier') setName(this.#text.words(child));
      if (child.name !== 'LabelMatchers') continue;
      for (const part of childrenOf(child)) {
        if (part.name === 'QuotedLabelName') setName(this.#text.string(this.#text.only(part, childrenOf(part))));
        else if (part.name === 'UnquotedLabelMatcher' || part.name === 'QuotedLabelMatcher') {
          const matcher = this.#matcher(part);
          if (matcher.name === nameLabel && matcher.operator === '=') setName(matcher.value);
          else matchers.push(matcher);
        }
      }
    }
    if (matchers.every((matcher) => matcher.matches(''))) {
      this.#text.fail(node, 'vector selector must contain at least one non-empty matcher');
    }
    return { kind: 'selector', matchers, rangeMs: undefined, offsetMs: 0, at: undefined };
  }

  #matcher(node: SyntaxNode): Matcher {
    const [label, operator, value] = childrenOf(node);
    if (!label || !operator || !value) return this.#text.fail(node, 'not a matcher');
    const name =
      label.name === 'QuotedLabelName'
        ? this.#text.string(this.#text.only(label, childrenOf(label)))
        : this.#text.words(label);
    return createMatcher(
      name,
      this.#text.words(operator) as MatchOperator,
      this.#text.string(value),
      this.#compileRegex,
    );
  }

  #range(node: SyntaxNode, children: SyntaxNode[], inner: Expression, operand: SyntaxNode): Expression {
    if (inner.kind !== 'selector' || inner.rangeMs !== undefined || operand.name === 'ParenExpr') {
      return this.#text.fail(node, 'ranges only allowed for vector selectors');
    }
    if (inner.offsetMs !== 0) return this.#text.fail(node, 'no offset modifiers allowed before range');
    if (inner.at !== undefined) return this.#text.fail(node, 'no @ modifiers allowed before range');
    return { ...inner, rangeMs: this.#text.positiveDuration(children[1] ?? node) };
  }

  #subquery(node: SyntaxNode, [, range, step]: SyntaxNode[], inner: Expression): Expression {
    return {
      kind: 'subquery',
      inner,
      rangeMs: this.#text.positiveDuration(range ?? node),
      stepMs: step && this.#text.positiveDuration(step),
      offsetMs: 0,
      at: undefined,
    };
  }

  #offset(node: SyntaxNode, children: SyntaxNode[], inner: Selector | Subquery): Expression {
    if (inner.offsetMs !== 0) return this.#text.fail(node, 'offset may not be set multiple times');
    return { ...inner, offsetMs: this.#text.duration(children.at(-1) ?? node) };
  }

  #fixed(node: SyntaxNode, children: SyntaxNode[], inner: Selector | Subquery): Expression {
    if (inner.at !== undefined) return this.#text.fail(node, '@ <timestamp> may not be set multiple times');
    const preprocessor = children.find(({ name }) => name === 'AtModifierPreprocessors');
    if (preprocessor) return { ...inner, at: preprocessor.getChild('AtStart') ? 'start' : 'end' };
    const time = children.find(({ name }, index) => index > 0 && name === 'NumberDurationLiteral');
    const seconds = time ? this.#text.number(time) : Number.NaN;
    if (!(Math.abs(seconds) < 1e13)) return this.#text.fail(node, 'timestamp out of bounds for @ modifier');
    return { ...inner, at: Math.round(seconds * 1000) };
  }

  #movable(node: SyntaxNode, inner: Expression, operand: SyntaxNode, what: string): Selector | Subquery {
    const isMovable = inner.kind === 'subquery' || (inner.kind === 'selector' && operand.name !== 'ParenExpr');
    if (isMovable) return inner;
    return this.#text.fail(
      node,
      `${what} modifier must be preceded by an instant vector selector or range vector selector or a subquery`,
    );
  }

  #binary(
    { node, word, modifiers }: Extract<Token, { kind: 'operator' }>,
    left: Expression,
    right: Expression,
  ): Binary {
    const fill = modifiers.find(({ name }) => name === 'FillModifier');
    if (fill) return this.#text.fail(fill, 'the fill modifier is not supported by this server');
    if (word === '</' || word === '>/') {
      return this.#text.fail(node, `the operator ${word} is not supported by this server: it has no native histograms`);
    }
    const clause = modifiers.find(({ name }) => name === 'MatchingModifierClause');
    return {
      kind: 'binary',
      operator: word,
      bool: modifiers.some(({ name }) => name === 'BoolModifier'),
      matching: clause && this.#matching(clause),
      left,
      right,
    };
  }

  #matching(clause: SyntaxNode): Matching {
    const groups = clause.getChildren('GroupingLabels');
    const many = clause.getChild('GroupLeft') ? 'left' : clause.getChild('GroupRight') ? 'right' : undefined;
    return {
      on: clause.getChild('On') !== null,
      labels: this.#labels(groups[0]),
      many,
      include: this.#labels(groups[1]),
    };
  }

  #labels(grouping: SyntaxNode | null | undefined): string[] {
    if (!grouping) return [];
    return childrenOf(grouping)
      .filter(({ name }) => name === 'LabelName' || name === 'QuotedLabelName')
      .map((label) =>
        label.name === 'LabelName'
          ? this.#text.words(label)
          : this.#text.string(this.#text.only(label, childrenOf(label))),
      );
  }

  #call(children: SyntaxNode[]): Expression {
    const [identifier, body] = children;
    const args = body ? this.#arguments(body) : [];
    return { kind: 'call', name: identifier ? this.#text.words(identifier).toLowerCase() : '', args };
  }

  #arguments(body: SyntaxNode): Expression[] {
    return childrenOf(body)
      .filter(({ name }) => !punctuation.has(name))
      .map((argument) => this.#expression(argument));
  }

  #aggregate(node: SyntaxNode, children: SyntaxNode[]): Expression {
    const operator = this.#text.words(node.getChild('AggregateOp') ?? node).toLowerCase();
    const modifier = node.getChild('AggregateModifier');
    const body = children.find(({ name }) => name === 'FunctionCallBody');
    const args = body ? this.#arguments(body) : [];
    const wanted = withParameter.has(operator) ? 2 : 1;
    const inner = args.at(-1);
    if (args.length !== wanted || !inner) {
      return this.#text.fail(
        node,
        `wrong number of arguments for aggregate expression provided, expected ${wanted}, got ${args.length}`,
      );
    }
    return {
      kind: 'aggregate',
      operator,
      labels: this.#labels(modifier?.getChild('GroupingLabels')),
      without: modifier?.getChild('Without') != null,
      parameter: wanted === 2 ? args[0] : undefined,
      inner,
    };
  }
}

const negated = (inner: Expression): Expression =>
  inner.kind === 'number' ? { kind: 'number', value: -inner.value } : { kind: 'negate', inner };

const withParameter = new Set(['topk', 'bottomk', 'quantile', 'count_values', 'limitk', 'limit_ratio']);
/** What the grammar knows and we do not, in people's words. */
const names: Record<string, string> = { AnchoredExpr: 'anchored', SmoothedExpr: 'smoothed' };
