import { filesByChannel } from '../../bundle/channel-files.ts';
import { createChannelFolders } from '../../bundle/channel-folders.ts';
import type { CoverageSource } from '../../bundle/coverage.ts';
import { safeSegment } from '../../bundle/entry-path.ts';
import { channelOf, filedChannel } from '../../bundle/log-channel.ts';
import type { RedactionTally } from '../../bundle/redaction/profile.ts';
import { createKeyFollower } from '../../bundle/redaction/record-keys.ts';
import { type FoundLog, logRecords } from '../otlp/log-records.ts';
import { type KeptFile, keptFrames } from './kept-file.ts';
import { type KeptRequest, keptSource, nanoTime } from './kept-telemetry.ts';

/** Less than a collector lets wait: an agent is bound to less memory. */
const waitingChars = 2 * 2 ** 20;
const hourNano = 3_600_000_000_000n;
/** OpenTelemetry's 24 severity numbers in fours, as the collector names them. */
const severities = ['unset', 'trace', 'debug', 'info', 'warn', 'error', 'fatal'];

/** The batches of one file that hold records of one scope and hour. */
interface Place {
  file: KeptFile;
  from: number;
  through: number;
}

/** One entry of the volume. */
interface Entry {
  scope: string;
  hour: bigint;
  lastUnixNano: bigint;
  places: Place[];
}

/**
 * Writes this node's own log records of the window as a collector's bundle has them
 * (`logs/<node>/<scope>/<channel>/<hour>.ndjson`). Reads every batch twice, first to learn where scopes and hours lie; memory for one batch and that index.
 */
export async function writeKeptLogs(request: KeptRequest): Promise<CoverageSource> {
  const { writer, redactor, signal, files } = request;
  const masked: RedactionTally = {};
  const source = keptSource(request, 'telemetry/logs', masked);
  const ofLogs = files.filter(({ stream }) => !stream.startsWith('metrics'));
  const { entries, seen } = await index(ofLogs, request);
  // One for a scope's hours: a private key may cross from one into the next.
  const folders = new Map<string, ReturnType<typeof createChannelFolders>>();
  const followers = new Map<string, ReturnType<typeof createKeyFollower>>();
  for (const { scope, hour, lastUnixNano, places } of entries) {
    signal.throwIfAborted();
    const withoutKeys = followers.get(scope) ?? createKeyFollower(redactor.profile, masked);
    followers.set(scope, withoutKeys);
    const folderOf = folders.get(scope) ?? createChannelFolders((channel) => redactor.text(channel, {}));
    folders.set(scope, folderOf);
    const stamp = nanoTime(hour * hourNano)
      .slice(0, 13)
      .replace(/-/g, '');
    const path = `logs/${safeSegment(redactor.node(request.node))}/${safeSegment(scope || 'unnamed')}`;
    const modifiedMs = Number(lastUnixNano / 1_000_000n);
    const channelOfRow = (row: LogRow): string => {
      const channel = filedChannel(scope, channelOf(row));
      return folderOf(channel) === undefined ? '' : channel;
    };
    const rows = rowsOf({ scope, hour, places }, request);
    for await (const { channel, content } of filesByChannel(
      rows,
      { channelOf: channelOfRow, change: withoutKeys },
      { waitingChars },
    )) {
      const below = folderOf(channel);
      const { bytes } = await writer.add(
        { path: `${path}/${below === undefined ? '' : `${below}/`}${stamp}.ndjson`, modifiedMs },
        redactor.stream(content, masked),
      );
      source.bytes += bytes;
    }
  }
  return seen.finish(source, 'nothing was logged in the window');
}

async function index(
  files: KeptFile[],
  request: KeptRequest,
): Promise<{ entries: Entry[]; seen: ReturnType<KeptRequest['look']> }> {
  const entries = new Map<string, Entry>();
  const seen = request.look();
  for (const file of files) {
    for await (const { at, payload } of seen.frames(file)) {
      request.signal.throwIfAborted();
      for (const { scope, unixNano } of seen.decoded(() => [...logRecords(payload)])) {
        if (!inWindow(unixNano, request)) continue;
        seen.record(file, unixNano);
        const hour = unixNano / hourNano;
        const key = `${scope}\n${hour}`;
        let entry = entries.get(key);
        if (!entry) {
          entry = { scope, hour, lastUnixNano: unixNano, places: [] };
          entries.set(key, entry);
        }
        if (unixNano > entry.lastUnixNano) entry.lastUnixNano = unixNano;
        const place = entry.places.at(-1);
        if (place?.file === file) place.through = at;
        else entry.places.push({ file, from: at, through: at });
      }
    }
  }
  const inOrder = (a: Entry, b: Entry): number =>
    a.scope === b.scope ? Number(a.hour - b.hour) : a.scope < b.scope ? -1 : 1;
  return { entries: [...entries.values()].sort(inOrder), seen };
}

export const inWindow = (
  unixNano: bigint,
  { fromUnixMs, untilUnixMs }: Pick<KeptRequest, 'fromUnixMs' | 'untilUnixMs'>,
): boolean => {
  const unixMs = Number(unixNano / 1_000_000n);
  return unixMs >= fromUnixMs && unixMs < untilUnixMs;
};

interface LogRow {
  timestamp: string;
  node: string;
  severity: string;
  body: string;
  attributes: Record<string, string>;
}

/** A record as it stands in a volume. */
export function logRow(record: FoundLog, node: string): LogRow {
  const { body, attributes } = record.read();
  if (record.service !== '') attributes['service.name'] ??= record.service;
  if (record.scope !== '') attributes['otel.scope.name'] ??= record.scope;
  const severity = severities[Math.floor((record.severityNumber + 3) / 4)] ?? 'unset';
  return { timestamp: nanoTime(record.unixNano), node, severity, body, attributes };
}

async function* rowsOf(
  { scope, hour, places }: Pick<Entry, 'scope' | 'hour' | 'places'>,
  request: KeptRequest,
): AsyncGenerator<LogRow> {
  for (const { file, from, through } of places) {
    for await (const { payload } of keptFrames(file, undefined, { from, through })) {
      request.signal.throwIfAborted();
      let records: FoundLog[] = [];
      try {
        records = [...logRecords(payload)];
      } catch {
        // Counted by the first pass.
      }
      for (const record of records) {
        if (record.scope !== scope || record.unixNano / hourNano !== hour || !inWindow(record.unixNano, request))
          continue;
        yield logRow(record, request.node);
      }
    }
  }
}
