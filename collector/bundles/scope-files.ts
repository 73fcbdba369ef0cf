import { filesByChannel } from '../../bundle/channel-files.ts';
import { createChannelFolders } from '../../bundle/channel-folders.ts';
import { channelOf, filedChannel } from '../../bundle/log-channel.ts';
import type { RedactionTally } from '../../bundle/redaction/profile.ts';
import type { LogRow } from '../api/shapes/logs.ts';
import { streamLogs } from '../query/log-stream.ts';
import type { ScopeLimit } from './channel-limits.ts';
import { counted } from './counted.ts';
import { allChannels } from './log-channels.ts';
import type { ParquetCopy } from './parquet/parquet-copies.ts';
import type { Limited } from './telemetry-limit.ts';
import type { TelemetryRequest } from './telemetry-logs.ts';
import { timeSlices } from './time-slices.ts';

const hourMs = 3_600_000;
/** A page is found anew in its whole range, so a range should not have many of them. */
const recordsPerSlice = 20_000;
/** Files that channels of one node and scope have in all; behind them an hour is one file. Each costs headers and a look. */
const mostFiles = 10_000;
const cutChannel = 'sextant.cut.channel';

interface ScopeLogs {
  node: string;
  scope: string;
  /** Folder of the scope inside the volume. */
  path: string;
  limited: ScopeLimit;
  masked: RedactionTally;
  copy: ParquetCopy | undefined;
  withoutKeys(row: LogRow): LogRow;
  /** Told of each record that is written. */
  onRow(row: LogRow): LogRow;
  /** Told of what is written as it comes: an hour of a busy node takes minutes. */
  onBytes(more: number): void;
}

/** A record that stands for those that were left out: whatever reads the file reads it as one of them. */
const cutRecord = (
  node: string,
  channel: string,
  { mark, untilMs, records }: NonNullable<Limited<unknown>['leftOut']>,
): LogRow => ({
  timestamp: iso(untilMs),
  node,
  severity: 'warn',
  body: `[sextant: cut here: ${mark}]`,
  attributes: {
    'sextant.cut.records': String(records),
    ...(channel !== allChannels && { [cutChannel]: channel }),
  },
});

const iso = (unixMs: number): string => new Date(unixMs).toISOString();
const hourOf = (atMs: number): number => Math.floor(atMs / hourMs) * hourMs;

/**
 * Writes the logs of one node and scope as `<path>/<channel>/<hour>.ndjson`, without a folder for what has no channel of its
 * own. Storage is asked hour by hour, as it would be without channels.
 */
export async function writeScopeFiles(request: TelemetryRequest, logs: ScopeLogs): Promise<void> {
  const { writer, redactor, signal } = request;
  const { scope, path, limited, masked, copy } = logs;
  const folderOf = createChannelFolders((channel) => redactor.text(channel, {}));
  let files = 0;
  const channelOfRow = (row: LogRow): string => {
    const channel = filedChannel(scope, row.attributes[cutChannel] ?? channelOf(row));
    return files < mostFiles && folderOf(channel) !== undefined ? channel : '';
  };
  const hours = Map.groupBy(limited.minutes, ({ minuteMs }) => hourOf(minuteMs));
  const [firstHour] = hours.keys();
  for (const [hour, minutes] of hours) {
    signal.throwIfAborted();
    const cuts = limited.leftOut.flatMap(({ channel, limited: { leftOut } }) => {
      if (!leftOut) return [];
      const at = hours.has(hourOf(leftOut.untilMs)) ? hourOf(leftOut.untilMs) : firstHour;
      return at === hour ? [cutRecord(logs.node, channel, leftOut)] : [];
    });
    const rows = rowsOf(request, logs, minutes, cuts);
    const name = `${iso(hour).slice(0, 13).replace(/-/g, '')}.ndjson`;
    const modifiedMs = minutes.at(-1)?.lastMs ?? hour;
    for await (const { channel, content } of filesByChannel(rows, {
      channelOf: channelOfRow,
      change: logs.withoutKeys,
    })) {
      const below = folderOf(channel);
      const redacted = counted(redactor.stream(content, masked), logs.onBytes);
      const entry = { path: below === undefined ? `${path}/${name}` : `${path}/${below}/${name}`, modifiedMs };
      await writer.add(entry, copy?.of(redacted) ?? redacted);
      files += 1;
    }
  }
}

async function* rowsOf(
  { store, signal, ...request }: TelemetryRequest,
  { node, scope, limited, onRow }: ScopeLogs,
  minutes: ScopeLimit['minutes'],
  cuts: readonly LogRow[],
): AsyncGenerator<LogRow> {
  yield* cuts;
  const window = { fromMs: request.fromUnixMs, untilMs: request.untilUnixMs };
  for (const slice of timeSlices(minutes, recordsPerSlice, window)) {
    const rows = streamLogs(store, {
      range: { sinceUnixNano: BigInt(slice.fromMs) * 1_000_000n, untilUnixNano: BigInt(slice.untilMs) * 1_000_000n },
      filter: {
        sql: 'Node = {bundleNode:String} AND ScopeName = {bundleScope:String}',
        parameters: { bundleNode: node, bundleScope: scope },
      },
      order: 'asc',
      limit: slice.count,
      signal,
    });
    for await (const row of rows) if (limited.keeps(row)) yield onRow(row);
  }
}
