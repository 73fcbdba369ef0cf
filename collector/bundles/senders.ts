import { senderPrefix } from '../identity/sender-name.ts';
import { sqlFile } from '../query/sql-file.ts';
import type { Store } from '../store/store.ts';

const sendersSql = sqlFile('sql/senders.sql', import.meta.url);

/** More senders than this in one window is a mistake. */
const maxSenders = 1000;

/** The OTLP senders without a node (`otlp:NAME`) whose records of the window are stored, sorted. */
export async function readSenders(
  store: Pick<Store, 'query'>,
  window: { fromUnixMs: number; untilUnixMs: number },
): Promise<string[]> {
  const { rows } = await store.query<{ node: string }>(sendersSql, {
    parameters: { fromMs: window.fromUnixMs, untilMs: window.untilUnixMs, prefix: senderPrefix, limit: maxSenders },
  });
  return rows.map(({ node }) => node);
}
