import type { HrTime } from '@opentelemetry/api';
import { readPriority } from './priority.ts';
import { readRfc3164 } from './rfc3164.ts';
import { readRfc5424 } from './rfc5424.ts';
import type { StructuredElement } from './structured-data.ts';
import type { TimeContext } from './timestamp.ts';

/** What a syslog message says; what it does not say is not there. */
export interface SyslogMessage {
  /** 0–191: eight times the facility, plus the severity. */
  priority?: number;
  /** Of RFC 5424; not there for RFC 3164. */
  version?: number;
  time?: HrTime;
  hostname?: string;
  appname?: string;
  procid?: string;
  msgid?: string;
  /** The number that Cisco devices count their messages with. */
  sequence?: string;
  structuredData?: StructuredElement[];
  /** What a person is to read; all of the message when it is malformed. */
  text: string;
  /** Set when the message is in no format that is known: why. */
  malformed?: string;
}

/**
 * Reads a message of either format; which one it is, its first characters tell. Never throws: what cannot be read is
 * kept whole, with what could be read before it.
 */
export function readMessage(text: string, context: TimeContext): SyslogMessage {
  const found = readPriority(text);
  if (!found) return { ...readRfc3164(text, context), text, malformed: 'no priority at its front' };
  const rest = text.slice(found.end);
  const read = readRfc5424(rest, context) ?? readRfc3164(rest, context);
  return { priority: found.priority, ...read, text: read.malformed === undefined ? read.text : text };
}
