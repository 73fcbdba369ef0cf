import { SextantError } from '../../errors/sextant-error.ts';
import { severities } from '../api/shapes/logs.ts';
import { compileLogQuery } from './log-query/compile.ts';
import type { LogQuery } from './log-query/log-query.ts';
import { parseLogQuery } from './log-query/parse.ts';
import { readSeverity } from './severity.ts';
import type { Condition } from './sql-file.ts';

/** What a reader of logs may narrow by, as text from outside. */
export interface LogFilterInput {
  /** A query as in docs/log-query.md. */
  q?: string | undefined;
  /** A plain substring of the body, whatever characters it holds. */
  grep?: string | undefined;
  node?: string | undefined;
  /** Severities, separated by commas. */
  severity?: string | undefined;
}

/** One condition that every part of the input must meet. Throws SX_BAD_REQUEST that names the part. */
export function logFilter(input: LogFilterInput): Condition {
  const operands: LogQuery[] = [parseLogQuery(input.q ?? '')];
  if (input.grep) operands.push({ kind: 'text', text: input.grep });
  if (input.node) operands.push({ kind: 'field', field: 'node', comparison: '=', value: input.node, column: 1 });
  if (input.severity) operands.push({ kind: 'or', operands: input.severity.split(',').map(severityTerm) });
  const asked = operands.filter((operand) => operand.kind !== 'everything');
  return compileLogQuery(asked.length === 0 ? { kind: 'everything' } : { kind: 'and', operands: asked });
}

function severityTerm(text: string): LogQuery {
  if (!readSeverity(text))
    throw new SextantError('SX_BAD_REQUEST', `severity: “${text}” is none`, {
      nextStep: `take one of ${severities.join(', ')}`,
    });
  return { kind: 'field', field: 'severity', comparison: '=', value: text, column: 1 };
}
