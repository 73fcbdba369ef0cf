import { createKeyLines, type KeyLines } from './key-lines.ts';
import { count, type RedactionProfile, type RedactionTally } from './profile.ts';

const mark = '[masked:private-key]';
/** More programs than this with a key that has no end are not followed: the oldest is let go. */
const maxStreams = 256;

interface LogLike {
  body: string;
  attributes: Record<string, string>;
}

/**
 * Takes private keys out of stored log records. A key that was logged line by line is spread over records, so the lines of
 * each file and each program are followed; a record inside a key keeps its place, and its body is a mark. Other records may
 * stand between.
 */
export function createKeyFollower(
  profile: RedactionProfile,
  tally: RedactionTally,
): <Row extends LogLike>(row: Row) => Row {
  const open = new Map<string, KeyLines>();
  if (profile === 'none') return (row) => row;

  const masked = <Row extends LogLike>(row: Row, body: string): Row => {
    const original = row.attributes['log.record.original'];
    if (original === undefined) return { ...row, body };
    return { ...row, body, attributes: { ...row.attributes, 'log.record.original': mark } };
  };
  return (row) => {
    const mayBegin = row.body.includes('PRIVATE KEY');
    if (!mayBegin && open.size === 0) return row;
    const stream = streamOf(row.attributes);
    const keys = open.get(stream);
    if (mayBegin && (keys ?? createKeyLines()).begins(row.body)) return begin(row, stream, keys ?? createKeyLines());
    if (keys === undefined) return row;
    const isEnd = keys.endAt(row.body) !== -1;
    const part = isEnd ? undefined : keys.take(row.body);
    if (isEnd) keys.end();
    if (!keys.open) open.delete(stream);
    return isEnd || part !== undefined ? masked(row, mark) : row;
  };

  function begin<Row extends LogLike>(row: Row, stream: string, keys: KeyLines): Row {
    const { start } = keys.begin(row.body);
    open.delete(stream);
    open.set(stream, keys);
    const oldest = open.keys().next().value;
    if (open.size > maxStreams && oldest !== undefined) open.delete(oldest);
    // What goes over several lines in one record is left to the rules of texts.
    if (row.body.includes('\n')) return row;
    count(tally, 'private-key');
    return masked(row, row.body.slice(0, start) + mark);
  }
}

/**
 * Whose lines are one after another. Neither the process nor its unit: `logger` is a process a line, and the journal does
 * not always learn the unit of one that is gone.
 */
function streamOf(attributes: Record<string, string>): string {
  const file = attributes['log.file.path'];
  if (file !== undefined) return file;
  const program =
    attributes['syslog.identifier'] ??
    attributes['syslog.appname'] ??
    attributes['systemd.unit'] ??
    attributes['windows.eventlog.channel'] ??
    '';
  return `${attributes['otel.scope.name'] ?? ''}\n${program}`;
}
