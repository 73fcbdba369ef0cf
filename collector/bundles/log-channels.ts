import type { SourceMaxBytes } from '../../bundle/caps.ts';
import { channelAttributes } from '../../bundle/log-channel.ts';
import { sqlFile } from '../query/sql-file.ts';
import type { Store } from '../store/store.ts';

const minutesSql = sqlFile('sql/log-minutes.sql', import.meta.url);
const channelMinutesSql = sqlFile('sql/log-channel-minutes.sql', import.meta.url);
/** Of one node and scope. Each is a row a minute: this bounds the memory for them. */
const mostChannels = 500;
/** Stands for all channels of a scope that are not told apart. */
export const allChannels = '*';

/** `channelOf` as SQL. */
export const channelSql = `coalesce(${channelAttributes.map((name) => `nullIf(LogAttributes['${name}'], '')`).join(', ')}, '')`;

/** How much was logged in one minute of one node and scope, and of one channel of it where these are told apart. */
export interface LogMinute {
  node: string;
  scope: string;
  channel?: string;
  minuteUnixMs: string | number;
  records: string | number;
  firstUnixMs: string | number;
  lastUnixMs: string | number;
}

interface MinutesRequest {
  store: Pick<Store, 'query'>;
  fromUnixMs: number;
  untilUnixMs: number;
  nodes: readonly string[];
  signal: AbortSignal;
}

/** How many records of which node and scope there are in each minute of the window. */
export async function readLogMinutes(request: MinutesRequest): Promise<LogMinute[]> {
  const { fromUnixMs: fromMs, untilUnixMs: untilMs, nodes, signal } = request;
  const { rows } = await request.store.query<LogMinute>(minutesSql, { parameters: { fromMs, untilMs, nodes }, signal });
  return rows;
}

/** The same by channel. It reads the attributes of all records, so it is asked for only where a limit has to be shared out. */
export async function readChannelMinutes(request: MinutesRequest): Promise<Required<LogMinute>[]> {
  const { fromUnixMs: fromMs, untilUnixMs: untilMs, nodes, signal } = request;
  const sql = channelMinutesSql.replaceAll("/*channel*/ ''", channelSql);
  const parameters = { fromMs, untilMs, nodes, mostChannels };
  const { rows } = await request.store.query<Required<LogMinute>>(sql, { parameters, signal });
  return rows;
}

/** Whether channels have to be told apart: what limits nothing need not know of them. */
export const limitsLogs = (limits: SourceMaxBytes): boolean =>
  limits.logs !== undefined && Number.isFinite(limits.logs);
