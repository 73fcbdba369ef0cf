import type { HrTime } from '@opentelemetry/api';
import type { AnyValue, AnyValueMap } from '@opentelemetry/api-logs';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { type Cef, readCef } from './cef.ts';
import type { SyslogMessage } from './message.ts';
import { facilityName, facilityOf } from './priority.ts';
import { severityOf } from './severity.ts';

/** How a message came here. */
export interface Receipt {
  time: HrTime;
  transport: 'tcp' | 'udp';
  /** Address that it came from. */
  address: string;
  /** Bytes that were left out, since the message was longer than allowed. */
  cutBytes: number;
  /** What was wrong with its framing. */
  fault?: string | undefined;
}

/** OpenTelemetry's own default for attributes of one record. */
const maxAttributes = 128;

// What a message says of its host lies in its attributes: a relay sends for many.
const resource = resourceFromAttributes({});
const instrumentationScope = { name: 'syslog' };

/**
 * A message as an OpenTelemetry log record. Names of attributes follow the syslog receiver of the OpenTelemetry
 * Collector under `syslog.`; severities follow the log data model. Attributes beyond 128 are left out and counted, and
 * the whole message is added as `log.record.original`.
 */
export function toLogRecord(message: SyslogMessage, original: string, receipt: Receipt): ReadableLogRecord {
  const cef = readCef(message.text);
  const severity = severityOf({
    ...(message.priority !== undefined && { priority: message.priority }),
    ...(cef && { cefSeverity: cef.severity }),
  });
  const attributes: AnyValueMap = {
    'network.peer.address': receipt.address,
    'network.transport': receipt.transport,
  };
  if (message.priority !== undefined) {
    const facility = facilityOf(message.priority);
    attributes['syslog.priority'] = message.priority;
    attributes['syslog.facility'] = facility;
    attributes['syslog.facility_text'] = facilityName(facility);
  }
  for (const name of ['version', 'hostname', 'appname', 'procid', 'msgid', 'sequence'] as const) {
    const value = message[name];
    if (value !== undefined) attributes[`syslog.${name}`] = value;
  }
  const malformed = receipt.fault ?? message.malformed;
  if (malformed !== undefined) attributes['syslog.malformed'] = malformed;
  if (receipt.cutBytes > 0) attributes['syslog.cut_bytes'] = receipt.cutBytes;
  const left = maxAttributes - Object.keys(attributes).length - 1;
  const said = saidAttributes(message, cef);
  for (const [name, value] of [...said].slice(0, left)) attributes[name] = value;
  const dropped = Math.max(0, said.size - left);
  if (dropped > 0) attributes['log.record.original'] = original;

  return {
    hrTime: message.time ?? timeOfCef(cef) ?? receipt.time,
    hrTimeObserved: receipt.time,
    ...(severity && { severityNumber: severity.number, severityText: severity.text }),
    body: message.text,
    attributes,
    droppedAttributesCount: dropped,
    resource,
    instrumentationScope,
  };
}

/** What the sender names itself: structured data and CEF. A name that comes more than once has a list of values. */
function saidAttributes(message: SyslogMessage, cef: Cef | undefined): Map<string, AnyValue> {
  const said = new Map<string, AnyValue>();
  const add = (name: string, value: string): void => {
    const before = said.get(name);
    if (before === undefined) said.set(name, value);
    else if (Array.isArray(before)) (before as string[]).push(value);
    else said.set(name, [before, value]);
  };
  for (const { id, parameters } of message.structuredData ?? []) {
    if (parameters.length === 0) add(`syslog.structured_data.${id}`, '');
    for (const { name, value } of parameters) add(`syslog.structured_data.${id}.${name}`, value);
  }
  if (cef) {
    add('cef.version', cef.version);
    add('cef.device_vendor', cef.deviceVendor);
    add('cef.device_product', cef.deviceProduct);
    add('cef.device_version', cef.deviceVersion);
    add('cef.signature_id', cef.signatureId);
    add('cef.name', cef.name);
    add('cef.severity', cef.severity);
    for (const { key, value } of cef.extensions) add(`cef.ext.${key}`, value);
  }
  return said;
}

/** `rt`, when the event was received by the device, in milliseconds: for CEF without a syslog header. */
function timeOfCef(cef: Cef | undefined): HrTime | undefined {
  const rt = cef?.extensions.find(({ key }) => key === 'rt')?.value;
  if (rt === undefined || !/^\d{12,13}$/.test(rt)) return undefined;
  const unixMs = Number(rt);
  return [Math.floor(unixMs / 1000), (unixMs % 1000) * 1_000_000];
}
