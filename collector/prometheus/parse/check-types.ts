import { badData } from '../failure.ts';
import { signatures } from '../functions/signatures.ts';
import type { Aggregate, Binary, Call, Expression, ValueType } from './expression.ts';

const arithmetic = new Set(['+', '-', '*', '/', '%', '^', 'atan2']);
const comparisons = new Set(['==', '!=', '<', '>', '<=', '>=']);
const setOperators = new Set(['and', 'or', 'unless']);
const aggregates = new Set([
  ...['sum', 'avg', 'min', 'max', 'count', 'group', 'stddev', 'stdvar'],
  ...['topk', 'bottomk', 'quantile', 'count_values'],
]);

export const isSetOperator = (operator: string): boolean => setOperators.has(operator);

/** What an expression gives. */
export function typeOf(expression: Expression): ValueType {
  switch (expression.kind) {
    case 'number':
      return 'scalar';
    case 'string':
      return 'string';
    case 'selector':
      return expression.rangeMs === undefined ? 'instant vector' : 'range vector';
    case 'subquery':
      return 'range vector';
    case 'negate':
      return typeOf(expression.inner);
    case 'aggregate':
      return 'instant vector';
    case 'call':
      return signatures.get(expression.name)?.returns ?? 'instant vector';
    case 'binary':
      return typeOf(expression.left) === 'scalar' && typeOf(expression.right) === 'scalar'
        ? 'scalar'
        : 'instant vector';
  }
}

/**
 * Refuses what Prometheus refuses for its types, and functions and operators that are not supported, by name.
 * Throws a failure `bad_data`.
 */
export function checkTypes(expression: Expression): void {
  switch (expression.kind) {
    case 'negate':
      checkTypes(expression.inner);
      if (!isValue(typeOf(expression.inner))) {
        throw refusal(
          `unary expression only allowed on expressions of type scalar or instant vector, got "${typeOf(expression.inner)}"`,
        );
      }
      return;
    case 'subquery':
      checkTypes(expression.inner);
      if (typeOf(expression.inner) !== 'instant vector') {
        throw refusal(`subquery is only allowed on instant vector, got ${typeOf(expression.inner)} instead`);
      }
      return;
    case 'call':
      checkCall(expression);
      return;
    case 'aggregate':
      checkAggregate(expression);
      return;
    case 'binary':
      checkBinary(expression);
      return;
  }
}

const refusal = (message: string) => badData(`parse error: ${message}`);
const isValue = (type: ValueType): boolean => type === 'scalar' || type === 'instant vector';

function expect(expression: Expression, wanted: ValueType, where: string): void {
  checkTypes(expression);
  const got = typeOf(expression);
  if (got !== wanted) throw refusal(`expected type ${wanted} in ${where}, got ${got}`);
}

function checkCall({ name, args }: Call): void {
  const signature = signatures.get(name);
  if (!signature) throw badData(`the function ${name} is not supported by this server`);
  const most = signature.optional < 0 ? Number.POSITIVE_INFINITY : signature.args.length;
  const least = signature.args.length - Math.abs(signature.optional);
  if (args.length < least || args.length > most) {
    const wanted =
      most === least ? `${least}` : most === Number.POSITIVE_INFINITY ? `at least ${least}` : `${least} to ${most}`;
    throw refusal(`expected ${wanted} argument(s) in call to "${name}", got ${args.length}`);
  }
  args.forEach((argument, index) => {
    expect(argument, signature.args[index] ?? signature.args.at(-1) ?? 'scalar', `call to function "${name}"`);
  });
}

function checkAggregate({ operator, parameter, inner }: Aggregate): void {
  if (!aggregates.has(operator)) throw badData(`the aggregation ${operator} is not supported by this server`);
  if (parameter) expect(parameter, operator === 'count_values' ? 'string' : 'scalar', 'aggregation parameter');
  expect(inner, 'instant vector', 'aggregation expression');
}

function checkBinary({ operator, bool, matching, left, right }: Binary): void {
  checkTypes(left);
  checkTypes(right);
  if (!arithmetic.has(operator) && !comparisons.has(operator) && !setOperators.has(operator)) {
    throw badData(`the operator ${operator} is not supported by this server`);
  }
  for (const type of [typeOf(left), typeOf(right)]) {
    if (!isValue(type)) {
      throw refusal('binary expression must contain only scalar and instant vector types');
    }
  }
  const scalars = [left, right].filter((side) => typeOf(side) === 'scalar').length;
  if (bool && !comparisons.has(operator)) throw refusal('bool modifier can only be used on comparison operators');
  if (comparisons.has(operator) && scalars === 2 && !bool) {
    throw refusal('comparisons between scalars must use BOOL modifier');
  }
  if (setOperators.has(operator)) {
    if (scalars > 0) throw refusal(`set operator "${operator}" not allowed in binary scalar expression`);
    if (matching?.many) throw refusal(`no grouping allowed for "${operator}" operation`);
  }
  if (matching && scalars > 0) throw refusal('vector matching only allowed between instant vectors');
  if (matching?.on) {
    const both = matching.include.find((label) => matching.labels.includes(label));
    if (both !== undefined) throw refusal(`label "${both}" must not occur in ON and GROUP clause at once`);
  }
}
