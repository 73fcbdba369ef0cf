import { type LogAttributes, type LogRecord, SeverityNumber } from '@opentelemetry/api-logs';
import type { Gap } from './channel-reader.ts';
import type { EventContent, WindowsEvent } from './event-log-api.ts';

/** Level of winmeta.xml → its name and severity. 0 is "always", which Windows' own viewer shows as information. */
const levels: readonly (readonly [string, SeverityNumber])[] = [
  ['Information', SeverityNumber.INFO],
  ['Critical', SeverityNumber.FATAL],
  ['Error', SeverityNumber.ERROR],
  ['Warning', SeverityNumber.WARN],
  ['Information', SeverityNumber.INFO],
  ['Verbose', SeverityNumber.DEBUG],
];
/** Keyword of failed audits in the Security log, whose level is 0. */
const auditFailure = 0x10_0000_0000_0000n;
/** A field's text beyond this is cut; the message has its own bound in the renderer. */
const maxFieldLength = 16 * 1024;

interface Place {
  host: string;
  channel: string;
  generation: string;
}

/** An event as a log record with the attributes of Windows events. */
export function eventRecord(event: WindowsEvent, content: EventContent, place: Place): LogRecord {
  const [levelName, severityNumber] = levelOf(content);
  const attributes: LogAttributes = {
    'log.record.uid': `${place.host}:${place.channel}:${place.generation}:${event.recordId}`,
    'windows.eventlog.channel': place.channel,
    'windows.eventlog.record_id': event.recordId,
    'windows.eventlog.event_id': content.eventId,
    'windows.eventlog.provider.name': event.provider,
    'windows.eventlog.level': levelName,
    'windows.eventlog.keywords': content.keywordNames?.join(', ') ?? content.keywords,
  };
  const put = (name: string, value: string | number | undefined): void => {
    if (value !== undefined) attributes[`windows.eventlog.${name}`] = value;
  };
  put('provider.guid', content.providerGuid);
  put('computer', content.computer);
  put('task', content.taskName ?? (content.task === 0 ? undefined : String(content.task)));
  put('opcode', content.opcodeName ?? (content.opcode === 0 ? undefined : String(content.opcode)));
  put('process.id', content.processId);
  put('thread.id', content.threadId);
  put('activity.id', content.activityId);
  put('related_activity.id', content.relatedActivityId);
  put('user.sid', content.userSid);
  put('rendering_error', content.renderingError);
  for (const [name, value] of content.data) {
    attributes[`windows.eventlog.data.${name}`] = typeof value === 'string' ? value.slice(0, maxFieldLength) : value;
  }
  return {
    timestamp: event.time,
    severityNumber,
    severityText: levelName,
    body: content.message?.trimEnd() ?? withoutMessage(event, content),
    attributes,
  };
}

function levelOf({ level, keywords }: EventContent): readonly [string, SeverityNumber] {
  if (level === 0 && (BigInt(keywords) & auditFailure) !== 0n) return ['Audit Failure', SeverityNumber.WARN];
  return levels[level] ?? [`Level ${level}`, SeverityNumber.INFO];
}

/** What can be said of an event whose provider gives no words. */
function withoutMessage(event: WindowsEvent, content: EventContent): string {
  const data = content.data.map(([name, value]) => `${name}=${value}`).join(', ');
  return `${event.provider} event ${content.eventId}${data === '' ? '' : `: ${data}`}`.slice(0, maxFieldLength);
}

/** A gap as a record at the place where it is, with its range. */
export function gapRecord(gap: Gap, place: Place, nowMs: number): LogRecord {
  const { channel } = place;
  const count = lostCount(gap);
  const range =
    count === undefined
      ? `from record ${gap.first} on`
      : `records ${gap.first} to ${gap.last} (${gap.filtered ? 'up to ' : ''}${count})`;
  const reasons = {
    overwritten: `${channel} has overwritten ${range} before they had been read. The log is too small for what is written to it while the agent is away.`,
    cleared: `${channel} was cleared. What it held ${range} and had not been read is gone.`,
    unreadable: `Windows does not hand over ${range} of ${channel}.`,
  };
  return {
    timestamp: nowMs,
    eventName: 'sextant.eventlog.gap',
    severityNumber: SeverityNumber.WARN,
    severityText: 'Warning',
    body: reasons[gap.kind],
    attributes: {
      'log.record.uid': `${place.host}:${channel}:${place.generation}:gap:${gap.first}-${gap.last ?? ''}`,
      'windows.eventlog.channel': channel,
      'sextant.gap.kind': gap.kind,
      'sextant.gap.first': gap.first,
      ...(gap.last !== undefined && { 'sextant.gap.last': gap.last }),
      ...(count !== undefined && { 'sextant.gap.count': count }),
    },
  };
}

/** How many records are lost at most; undefined when nobody knows. */
export const lostCount = ({ first, last }: Gap): number | undefined =>
  last === undefined ? undefined : last - first + 1;
