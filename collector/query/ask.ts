import { SextantError } from '../../errors/sextant-error.ts';
import type { Store } from '../store/store.ts';

/** The part of storage that readers need. */
export type Queries = Pick<Store, 'query'>;

const maxSeconds = 30;
/** The engine shares its process with ingest; beyond this it sorts and groups on disk, and beyond twice this it refuses. */
const memoryBytes = 500_000_000;

/** The engine enforces these itself: a caller that gives up does not stop a query that is under way. */
const bounds = [
  `max_execution_time = ${maxSeconds}`,
  `max_memory_usage = ${2 * memoryBytes}`,
  `max_bytes_before_external_group_by = ${memoryBytes}`,
  `max_bytes_before_external_sort = ${memoryBytes}`,
  // A page reads the wide columns of its own rows only: 10 rows is the engine's default.
  'query_plan_max_limit_for_lazy_materialization = 10000',
].join(', ');

interface Question {
  parameters: Record<string, unknown>;
  signal?: AbortSignal | undefined;
  /** NaN and the infinities come as texts (`nan`, `inf`, `-inf`), not as null. */
  denormals?: boolean;
}

/** Runs a reader's statement within bounds of time and memory. Throws SX_QUERY_TOO_LARGE beyond them. */
export async function ask<Row>(queries: Queries, sql: string, { parameters, signal, denormals }: Question) {
  const settings = denormals ? `${bounds}, output_format_json_quote_denormals = 1` : bounds;
  try {
    return await queries.query<Row>(`${sql}\nSETTINGS ${settings}`, {
      parameters,
      timeoutMs: (maxSeconds + 5) * 1000,
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    if (signal?.aborted) throw new SextantError('SX_UNAVAILABLE', 'nobody waits for the answer', { cause: error });
    const message = error instanceof Error ? error.message : String(error);
    if (/TIMEOUT_EXCEEDED|Timeout exceeded|due to timeout/i.test(message)) {
      throw new SextantError('SX_QUERY_TOO_LARGE', `the answer would take longer than ${maxSeconds} s`, {
        cause: error,
      });
    }
    if (/MEMORY_LIMIT_EXCEEDED|memory limit exceeded/i.test(message)) {
      throw new SextantError('SX_QUERY_TOO_LARGE', 'the answer needs more memory than a query may take', {
        cause: error,
      });
    }
    throw error;
  }
}
