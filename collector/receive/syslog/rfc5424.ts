import type { SyslogMessage } from './message.ts';
import { readStructuredData } from './structured-data.ts';
import { readIsoTime, type TimeContext } from './timestamp.ts';

/** VERSION, TIMESTAMP, HOSTNAME, APP-NAME, PROCID and MSGID, each one token. */
const header = /^([1-9]\d{0,2}) (\S{1,64}) (\S{1,1024}) (\S{1,1024}) (\S{1,1024}) (\S{1,1024})(?: |$)/;
const byteOrderMark = '\ufeff';

/**
 * Reads what stands behind the priority as RFC 5424. Undefined when it is not in that format at all; a message that
 * begins in it and breaks is malformed, with what was read until then.
 */
export function readRfc5424(text: string, context: TimeContext): SyslogMessage | undefined {
  if (!/^[1-9]\d{0,2} (?:-|\d{4}-)/.test(text)) return undefined;
  const match = header.exec(text);
  if (!match) return { text, malformed: 'its RFC 5424 header is cut or too long' };
  const [whole, version, timestamp = '', hostname, appname, procid, msgid] = match;
  const told = timestamp === '-' ? undefined : readIsoTime(timestamp, context);
  const message: SyslogMessage = {
    version: Number(version),
    ...(told && { time: told.time }),
    ...unlessNil('hostname', hostname),
    ...unlessNil('appname', appname),
    ...unlessNil('procid', procid),
    ...unlessNil('msgid', msgid),
    text,
  };
  if (timestamp !== '-' && told?.end !== timestamp.length) return { ...message, malformed: 'its time is none' };

  const data = readStructuredData(text, whole.length);
  if (!data || (data.end < text.length && text[data.end] !== ' ')) {
    return { ...message, malformed: 'its structured data breaks off' };
  }
  const content = text.slice(data.end + 1);
  return {
    ...message,
    structuredData: data.elements,
    text: content.startsWith(byteOrderMark) ? content.slice(1) : content,
  };
}

const unlessNil = (name: 'hostname' | 'appname' | 'procid' | 'msgid', value: string | undefined) =>
  value === undefined || value === '-' ? {} : { [name]: value };
