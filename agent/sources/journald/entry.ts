import type { HrTime } from '@opentelemetry/api';
import { type LogRecord, SeverityNumber } from '@opentelemetry/api-logs';

/** Fields that are asked of the journal; it keeps dozens more per entry that repeat what the unit says. */
export const journalFields = [
  'MESSAGE',
  'MESSAGE_ID',
  'PRIORITY',
  'SYSLOG_IDENTIFIER',
  'SYSLOG_FACILITY',
  'UNIT',
  'USER_UNIT',
  '_COMM',
  '_EXE',
  '_PID',
  '_SOURCE_REALTIME_TIMESTAMP',
  '_SYSTEMD_UNIT',
  '_SYSTEMD_USER_UNIT',
  '_TRANSPORT',
  '_UID',
] as const;

export interface JournalEntry {
  cursor: string;
  record: LogRecord;
}

/** Syslog priority → severity, as the log data model's appendix maps it; text as `journalctl -p` names it. */
const priorities: readonly (readonly [SeverityNumber, string])[] = [
  [SeverityNumber.FATAL3, 'emerg'],
  [SeverityNumber.FATAL, 'alert'],
  [SeverityNumber.ERROR3, 'crit'],
  [SeverityNumber.ERROR, 'err'],
  [SeverityNumber.WARN, 'warning'],
  [SeverityNumber.INFO2, 'notice'],
  [SeverityNumber.INFO, 'info'],
  [SeverityNumber.DEBUG, 'debug'],
];

/** Turns one line of `journalctl -o json` into a record; undefined when it is none. */
export function parseJournalEntry(line: string, observedUnixMs: number): JournalEntry | undefined {
  let fields: Record<string, unknown> | null;
  try {
    fields = JSON.parse(line);
  } catch {
    return undefined;
  }
  const cursor = fields?.__CURSOR;
  if (!fields || typeof cursor !== 'string') return undefined;
  const text = (name: string) => fieldText(fields[name]);
  const attributes: Record<string, string | number> = { 'log.record.uid': cursorUid(cursor) };
  const put = (attribute: string, value: string | undefined) => {
    if (value !== undefined && value !== '') attributes[attribute] = value;
  };
  // What systemd says about a unit carries it in UNIT; what the unit says itself in _SYSTEMD_UNIT.
  put('systemd.unit', text('UNIT') ?? text('USER_UNIT') ?? text('_SYSTEMD_USER_UNIT') ?? text('_SYSTEMD_UNIT'));
  put('syslog.identifier', text('SYSLOG_IDENTIFIER'));
  put('syslog.facility', text('SYSLOG_FACILITY'));
  put('process.executable.name', text('_COMM'));
  put('process.executable.path', text('_EXE'));
  put('journald.transport', text('_TRANSPORT'));
  put('journald.message_id', text('MESSAGE_ID'));
  const pid = Number(text('_PID'));
  if (pid > 0 && Number.isSafeInteger(pid)) attributes['process.pid'] = pid;
  // Several of them, as an imported journal can have, are no number.
  const userId = Number(text('_UID') ?? Number.NaN);
  if (Number.isSafeInteger(userId)) attributes['process.user.id'] = userId;
  const record: LogRecord = {
    observedTimestamp: observedUnixMs,
    timestamp: microseconds(text('_SOURCE_REALTIME_TIMESTAMP') ?? text('__REALTIME_TIMESTAMP')) ?? observedUnixMs,
    body: text('MESSAGE') ?? '',
    attributes,
  };
  const priority = priorities[Number(text('PRIORITY') ?? Number.NaN)];
  if (priority) {
    record.severityNumber = priority[0];
    record.severityText = priority[1];
  }
  return { cursor, record };
}

/** A string; an array of byte values when the field holds anything unprintable; an array of these when it repeats. */
function fieldText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value) || value.length === 0) return undefined;
  if (typeof value[0] === 'number') return Buffer.from(value as number[]).toString('utf8');
  return value
    .map(fieldText)
    .filter((part) => part !== undefined)
    .join('\n');
}

function microseconds(text: string | undefined): HrTime | undefined {
  // 16 digits reach to the year 2286; nanoseconds of more do not fit what OTLP has for them.
  if (text === undefined || !/^\d{7,16}$/.test(text)) return undefined;
  return [Number(text.slice(0, -6)), Number(text.slice(-6)) * 1000];
}

/** Sequence of an entry: journald numbers its entries without gaps under a random id. */
export function cursorSequence(cursor: string): { id: string; number: bigint } | undefined {
  const found = /(?:^|;)s=([0-9a-f]+);i=([0-9a-f]+)/.exec(cursor);
  return found ? { id: found[1] ?? '', number: BigInt(`0x${found[2]}`) } : undefined;
}

/** Deterministic and unique among all machines: the sequence's random id and the number in it. */
function cursorUid(cursor: string): string {
  const sequence = cursorSequence(cursor);
  return sequence ? `${sequence.id}-${sequence.number.toString(36)}` : cursor;
}
