import { SextantError } from '../../../errors/sextant-error.ts';
import type { SqlAnswer } from '../../api/shapes/access.ts';
import { ask, type Queries } from '../ask.ts';
import { type AllowedFunctions, readAllowedFunctions } from './allowed-functions.ts';
import { checkQueryTree, checkStatement } from './check-statement.ts';

export interface SqlRequest {
  /** One SELECT statement. */
  sql: string;
  maxRows: number;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

export interface SqlConsole {
  /**
   * Runs one SELECT over stored telemetry, read-only and within bounds of rows, bytes, time and memory; what is beyond
   * `maxRows` is left out and said to be. One statement at a time. Throws SX_SQL_REFUSED, SX_BAD_REQUEST with the
   * engine's words, SX_QUERY_TOO_LARGE, SX_TOO_OFTEN.
   */
  ask(request: SqlRequest): Promise<SqlAnswer>;
}

/** The answer is held in memory as JSON, so it is bounded before that. */
const answerBytes = 64_000_000;
const memoryBytes = 500_000_000;

/**
 * Two locks on one door. First the engine's parser, never our reading of SQL, says what the statement is: exactly one,
 * a SELECT, of parts and functions that are known to be harmless, in the syntax tree and in the tree that is run. Then the engine runs the text that was looked at with
 * `readonly = 1`, which refuses every write, DDL and every table function that reads from elsewhere; what it lets
 * through (chDB 3.4: the function file()), the first lock holds.
 */
export function createSqlConsole(queries: Queries): SqlConsole {
  let functions: Promise<AllowedFunctions> | undefined;
  let busy = false;

  async function understand({ sql, timeoutMs, signal }: SqlRequest): Promise<string> {
    const explain = (error: unknown): never => asBadSql(error, timeoutMs, signal);
    const formatted = await ask<{ text: string }>(queries, 'SELECT formatQuerySingleLine({sql:String}) AS text', {
      parameters: { sql },
      signal,
    }).catch(explain);
    const text = formatted.rows[0]?.text ?? '';
    const tree = async (kind: string): Promise<string[]> => {
      const question = `SELECT explain FROM (EXPLAIN ${kind} ${text}\n)`;
      const answer = await ask<{ explain: string }>(queries, question, { parameters: {}, signal }).catch(explain);
      return answer.rows.map((row) => row.explain);
    };
    functions ??= readAllowedFunctions(queries);
    functions.catch(() => {
      functions = undefined;
    });
    checkStatement(await tree('AST'), await functions);
    checkQueryTree(await tree('QUERY TREE run_passes = 0'), await functions);
    return text;
  }

  return {
    async ask(request) {
      const { maxRows, timeoutMs, signal } = request;
      if (busy) throw new SextantError('SX_TOO_OFTEN', 'another SQL statement is running');
      busy = true;
      try {
        const startedMs = performance.now();
        const text = await understand(request);
        const bounds = [
          `max_execution_time = ${Math.ceil(timeoutMs / 1000)}`,
          `max_memory_usage = ${memoryBytes}`,
          `max_bytes_before_external_group_by = ${memoryBytes / 2}`,
          `max_bytes_before_external_sort = ${memoryBytes / 2}`,
          `max_result_bytes = ${answerBytes}`,
          `limit = ${maxRows + 1}`,
          'readonly = 1',
        ].join(', ');
        const answer = await queries
          .query<Record<string, unknown>>(`${text}\nSETTINGS ${bounds}`, {
            timeoutMs: timeoutMs + 5000,
            ...(signal && { signal }),
          })
          .catch((error) => asBadSql(error, timeoutMs, signal));
        return {
          columns: answer.columns ?? [],
          rows: answer.rows.slice(0, maxRows),
          complete: answer.rows.length <= maxRows,
          rowsRead: answer.rowsRead,
          bytesRead: answer.bytesRead,
          elapsedMs: Math.round(performance.now() - startedMs),
        };
      } finally {
        busy = false;
      }
    },
  };
}

/** What the engine says of statements that it does not take here, in words that fit. */
const refusals: [RegExp, string][] = [
  [/Multi-statements/i, 'there is more than one statement'],
  [/supports only SELECT/i, 'the statement is no SELECT'],
  [/cannot have output options/i, 'FORMAT and INTO OUTFILE are not allowed here'],
  [/readonly mode/i, 'the statement does more than read'],
];

function asBadSql(error: unknown, timeoutMs: number, signal: AbortSignal | undefined): never {
  if (error instanceof SextantError) throw error;
  if (signal?.aborted) throw new SextantError('SX_UNAVAILABLE', 'nobody waits for the answer', { cause: error });
  const message = error instanceof Error ? error.message : String(error);
  const tooLarge = (what: string) => new SextantError('SX_QUERY_TOO_LARGE', what, { cause: error });
  if (/timeout/i.test(message)) throw tooLarge(`the answer would take longer than ${Math.ceil(timeoutMs / 1000)} s`);
  if (/memory limit exceeded/i.test(message)) throw tooLarge('the answer needs more memory than a statement may take');
  // An answer that breaks off in the middle is no JSON (chDB 3.4 writes the error behind it).
  if (/Limit for result exceeded/i.test(message) || error instanceof SyntaxError) {
    throw tooLarge(`the answer would be larger than ${answerBytes / 1_000_000} MB`);
  }
  for (const [words, why] of refusals) {
    if (words.test(message)) throw new SextantError('SX_SQL_REFUSED', why, { cause: error });
  }
  throw new SextantError('SX_BAD_REQUEST', `sql: ${message}`, {
    cause: error,
    nextStep: 'correct the statement; `DESCRIBE` is SELECT name, type FROM system.columns WHERE table = …',
  });
}
