import { readSeverity, severityNumbers } from '../severity.ts';
import type { Condition } from '../sql-file.ts';
import type { LogQuery } from './log-query.ts';
import { queryError } from './scan.ts';

type FieldQuery = Extract<LogQuery, { kind: 'field' }>;

/** Names a person may write → column. Everything else is an attribute of the record or of its resource. */
const columns: Record<string, string> = {
  node: 'Node',
  service: 'ServiceName',
  'service.name': 'ServiceName',
  scope: 'ScopeName',
  source: 'ScopeName',
  'otel.scope.name': 'ScopeName',
  event: 'EventName',
  trace: 'TraceId',
  span: 'SpanId',
  body: 'Body',
};

/**
 * Turns a query into a condition over otel_logs. The SQL is put together from fixed pieces; every piece of input,
 * attribute names included, travels as a typed parameter (`q0`, `q1`, …).
 */
export function compileLogQuery(query: LogQuery): Condition {
  const parameters: Record<string, unknown> = {};
  const bind = (type: string, value: unknown): string => {
    const name = `q${Object.keys(parameters).length}`;
    parameters[name] = value;
    return `{${name}:${type}}`;
  };

  const compile = (part: LogQuery): string => {
    switch (part.kind) {
      case 'everything':
        return 'true';
      case 'words':
        return holdsWords(part.text, bind);
      case 'text':
        return containsText(part.text, bind);
      case 'field':
        return compileField(part, bind);
      case 'not':
        return `NOT (${compile(part.operand)})`;
      case 'and':
      case 'or':
        return part.operands.map((operand) => `(${compile(operand)})`).join(part.kind === 'and' ? ' AND ' : ' OR ');
    }
  };
  return { sql: compile(query), parameters };
}

type Bind = (type: string, value: unknown) => string;

const printable = /^[\x20-\x7e]+$/;
/** More are not needed to find the few records that are then read. */
const maxTokens = 16;

/** The words of an ASCII text as the text index has them. */
const tokensOf = (text: string): string[] => [...new Set(text.match(/[a-z0-9]+/g))].slice(0, maxTokens);

/**
 * The body holds these words, each of them whole, and the text as it stands, without regard to case. The index is asked
 * for words (`hasAllTokens`: two looks into its dictionary each); what it finds is compared only where there is more to
 * a text than one word. `position`, not LIKE, which the engine would look up in the whole dictionary.
 */
function holdsWords(text: string, bind: Bind): string {
  const lower = text.toLowerCase();
  const tokens = printable.test(text) ? tokensOf(lower) : [];
  if (tokens.length === 0) return containsText(text, bind);
  const words = `hasAllTokens(lower(Body), ${bind('Array(String)', tokens)})`;
  return tokens[0] === lower ? words : `(${words}) AND (position(lower(Body), ${bind('String', lower)}) > 0)`;
}

/**
 * The text wherever it stands in the body, without regard to case. For ASCII `lower(Body)` is what the text index is
 * built over: a part of one word is LIKE, which the engine answers from the index's dictionary; of a longer text the
 * words that are whole in any case are asked for first. Other letters are folded by code point, which `lower` does not do.
 */
function containsText(text: string, bind: Bind): string {
  if (text === '') return 'true';
  if (!printable.test(text)) return `positionCaseInsensitiveUTF8(Body, ${bind('String', text)}) > 0`;
  const lower = text.toLowerCase();
  if (/^[a-z0-9]+$/.test(lower)) return `lower(Body) LIKE ${bind('String', `%${lower}%`)}`;
  const inner = tokensOf(lower.replace(/^[a-z0-9]+|[a-z0-9]+$/g, ''));
  const words = inner.length === 0 ? '' : `(hasAllTokens(lower(Body), ${bind('Array(String)', inner)})) AND `;
  return `${words}(position(lower(Body), ${bind('String', lower)}) > 0)`;
}

function compileField(part: FieldQuery, bind: Bind): string {
  if (part.field === 'severity' || part.field === 'level') return compileSeverity(part, bind);
  if (part.comparison === '>=' || part.comparison === '<=') {
    throw queryError(part.column, `${part.comparison} works with severity only`);
  }
  const column = columns[part.field];
  if (column === 'Body' && part.comparison === '=') return holdsWords(part.value, bind);
  if (column) return compare(column, part, bind);
  const name = bind('String', part.field);
  const inMap = (map: string) =>
    part.comparison === 'present' ? `mapContains(${map}, ${name})` : compare(`${map}[${name}]`, part, bind);
  return `(${inMap('LogAttributes')}) OR (${inMap('ResourceAttributes')})`;
}

function compare(expression: string, part: FieldQuery, bind: Bind): string {
  if (part.comparison === 'present') return `${expression} != ''`;
  if (part.comparison === 'starts-with') return `startsWith(${expression}, ${bind('String', part.value)})`;
  return `${expression} = ${bind('String', part.value)}`;
}

function compileSeverity(part: FieldQuery, bind: Bind): string {
  if (part.comparison === 'present') return 'SeverityNumber > 0';
  const severity = part.comparison === 'starts-with' ? undefined : readSeverity(part.value);
  if (!severity) {
    throw queryError(
      part.column,
      `“${part.value}” is no severity; trace, debug, info, warn, error, fatal and unset are`,
    );
  }
  const { from, to } = severityNumbers(severity);
  if (part.comparison === '>=') return `SeverityNumber >= ${bind('UInt8', from)}`;
  if (part.comparison === '<=') return `SeverityNumber BETWEEN 1 AND ${bind('UInt8', to)}`;
  return `SeverityNumber BETWEEN ${bind('UInt8', from)} AND ${bind('UInt8', to)}`;
}
