import { count, type RedactionProfile, type RedactionTally } from './profile.ts';

const begin = /-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----/;
const end = /-----END (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----/;
const keyLine = /^\s*$|[A-Za-z0-9+/=]{16,}\s*$|^\s*[A-Za-z0-9+/=]{1,64}\s*$|^[A-Za-z-]{4,24}: /;
/** No key is longer; what goes on without an end is no key. */
const maxRecords = 400;
const mark = '[masked:private-key]';

interface LogLike {
  body: string;
  attributes: Record<string, string>;
}

/**
 * Takes private keys out of stored log records. A key that was logged line by line is spread over records, so the lines of
 * each file are followed; a record inside a key keeps its place, and its body is a mark.
 */
export function createKeyFollower(
  profile: RedactionProfile,
  tally: RedactionTally,
): <Row extends LogLike>(row: Row) => Row {
  /** File → records since its key began. */
  const open = new Map<string, number>();
  if (profile === 'none') return (row) => row;
  return (row) => {
    const stream = row.attributes['log.file.path'] ?? row.attributes['otel.scope.name'] ?? '';
    const since = open.get(stream);
    if (since !== undefined) {
      const isEnd = end.test(row.body);
      if (isEnd || since >= maxRecords || !keyLine.test(row.body)) open.delete(stream);
      else open.set(stream, since + 1);
      if (isEnd || open.has(stream)) return { ...row, body: mark };
    }
    if (!row.body.includes('PRIVATE KEY') || row.body.includes('\n') || !begin.test(row.body)) return row;
    if (end.test(row.body)) return row;
    open.set(stream, 0);
    count(tally, 'private-key');
    return { ...row, body: row.body.slice(0, row.body.search(begin)) + mark };
  };
}
