import type { Condition } from '../../query/sql-file.ts';
import { nameLabel } from '../labels.ts';
import type { Matcher } from '../matchers.ts';
import { labelName, type NameStyle } from './names.ts';

/** Labels of our own as SQL. */
const expressions: ReadonlyMap<string, string> = new Map(
  Object.entries({
    node: 'toString(Node)',
    job: "if(ResourceAttributes['service.namespace'] = '', toString(ServiceName), concat(ResourceAttributes['service.namespace'], '/', ServiceName))",
    instance:
      "if(position(Node, ':') > 0 AND ResourceAttributes['service.instance.id'] != '', ResourceAttributes['service.instance.id'], toString(Node))",
  }),
);

/**
 * Matchers as a condition on stored rows, so that storage reads what is asked for alone. It may let through more than
 * they do, never less. Undefined when no row can fit.
 */
export function conditionOf(
  matchers: readonly Matcher[],
  attributeNames: ReadonlySet<string>,
  style: NameStyle,
): Condition | undefined {
  const parts: string[] = [];
  const parameters: Record<string, unknown> = {};
  let bound = 0;
  const bind = (value: string): string => {
    const name = `m${bound++}`;
    parameters[name] = value;
    return `{${name}:String}`;
  };
  const byLabel = Map.groupBy(attributeNames, (attribute) => labelName(attribute, style));
  for (const matcher of matchers) {
    const { name } = matcher;
    if (name === nameLabel || name === 'le' || name === 'quantile') continue;
    let expression = expressions.get(name);
    if (!expression) {
      const [attribute, another] = byLabel.get(name) ?? [];
      // Several attributes may share a label; what that has as value is worked out from the rows.
      if (another !== undefined) continue;
      if (attribute === undefined) {
        if (matcher.matches('')) continue;
        return undefined;
      }
      expression = `Attributes[${bind(attribute)}]`;
    }
    parts.push(compare(expression, matcher, bind));
  }
  return { sql: parts.length === 0 ? 'true' : parts.join(' AND '), parameters };
}

function compare(expression: string, { operator, value }: Matcher, bind: (value: string) => string): string {
  if (operator === '=' || operator === '!=') return `${expression} ${operator} ${bind(value)}`;
  const matched = `match(${expression}, ${bind(`^(?s:${value})$`)})`;
  return operator === '=~' ? matched : `NOT ${matched}`;
}
