import type { LogContext, LogRow } from '../collector/api/shapes/logs.ts';
import type { ApiClient } from './api-client.ts';

/**
 * Takes found records, one line each, and gives each with what stands around it, as lines: every record once, and null
 * where something lies between two of them.
 */
export function createSurroundings(client: ApiClient, around: number): (line: string) => Promise<(string | null)[]> {
  const given = new Set<string>();
  return async (line) => {
    const { cursor = '' } = JSON.parse(line) as LogRow;
    const context = await client.get<LogContext>('logs/context', { cursor, before: around, after: around });
    const records = [...context.before, context.record, ...context.after];
    const adjoins = given.size === 0 || given.has(records[0]?.cursor ?? '');
    const fresh = records.filter((record) => !given.has(record.cursor ?? ''));
    for (const record of fresh) given.add(record.cursor ?? '');
    const lines = fresh.map(({ cursor: _, ...record }) => JSON.stringify(record));
    return adjoins || lines.length === 0 ? lines : [null, ...lines];
  };
}
