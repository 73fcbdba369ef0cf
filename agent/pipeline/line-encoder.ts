import { attributeField } from '../../protocol/otlp/attribute-field.ts';
import { ByteWriter, varintBytes } from '../../protocol/otlp/byte-writer.ts';
import type { Severity } from '../sources/files/severity.ts';
import type { Line, LineOrigin } from '../sources/line-sink.ts';

const none = Buffer.alloc(0);
/** Levels come from lines, so how many there are is not ours to say. */
const maxKnownSeverities = 64;

/**
 * Writes lines as LogRecord fields of an OTLP ScopeLogs: byte for byte what the SDK's serializer makes of the same
 * record (tested), without the attributes of its origin, which stand once before the records of a file
 * (protocol/otlp/record-attributes.ts). Every length is known before its bytes are written.
 */
export function createLineEncoder(): (out: ByteWriter, line: Line) => void {
  const severities = new Map<string, Buffer>();
  let lastSeverity: Severity | undefined;
  let lastSeverityField: Buffer = none;
  let origin: LineOrigin | undefined;
  let uidStart = none;
  /** All between body and the uid's digits, for so many digits, in one copy. */
  let middle = none;
  let middleDigits = 0;
  /** Both halves of `second` in nanoseconds. */
  let second = -1;
  let secondLow = 0;
  let secondHigh = 0;
  let observedUnixMs = -1;
  const observed = Buffer.alloc(11);
  observed.set([0x38, 0, 0x59]);

  function useOrigin(next: LineOrigin): void {
    origin = next;
    uidStart = Buffer.from(`${next.uid}-`);
    middleDigits = 0;
  }

  function useDigits(digits: number): void {
    middleDigits = digits;
    const uid = uidStart.length + digits;
    const uidValue = 1 + varintBytes(uid) + uid;
    const writer = new ByteWriter(uidStart.length + 64);
    writer.varint(0x32);
    writer.varint(uidKey.length + 1 + varintBytes(uidValue) + uidValue);
    writer.copy(uidKey);
    writer.varint(0x12);
    writer.varint(uidValue);
    writer.varint(0x0a);
    writer.varint(uid);
    writer.copy(uidStart);
    middle = Buffer.from(writer.written());
  }

  function severityOf(severity: Severity | undefined): Buffer {
    if (severity !== lastSeverity) {
      lastSeverity = severity;
      lastSeverityField = severity === undefined ? none : severityField(severity.text, severity.number);
    }
    return lastSeverityField;
  }

  function severityField(text: string, number: number): Buffer {
    const key = `${number} ${text}`;
    const known = severities.get(key);
    if (known) return known;
    const writer = new ByteWriter(text.length * 3 + 16);
    writer.varint(0x10);
    writer.varint(number);
    writer.varint(0x1a);
    writer.text(text);
    const field = Buffer.from(writer.written());
    if (severities.size < maxKnownSeverities) severities.set(key, field);
    return field;
  }

  function useSecond(seconds: number): void {
    second = seconds;
    // Nanoseconds since 1970 do not fit a double: seconds × 10^9 = high × 2^32 + low, in parts of 16 bits.
    const upper = Math.floor(seconds / 65_536) * 1e9;
    const lower = (seconds % 65_536) * 1e9;
    const low = (upper % 65_536) * 65_536 + (lower % 4_294_967_296);
    secondLow = low % 4_294_967_296;
    secondHigh = Math.floor(upper / 65_536) + Math.floor(lower / 4_294_967_296) + Math.floor(low / 4_294_967_296);
  }

  function writeTime(buffer: Buffer, at: number, seconds: number, nanos: number): void {
    if (seconds !== second) useSecond(seconds);
    let low = secondLow + nanos;
    let high = secondHigh;
    if (low >= 4_294_967_296) {
      low -= 4_294_967_296;
      high += 1;
    }
    buffer[at] = low;
    buffer[at + 1] = low >>> 8;
    buffer[at + 2] = low >>> 16;
    buffer[at + 3] = low >>> 24;
    buffer[at + 4] = high;
    buffer[at + 5] = high >>> 8;
    buffer[at + 6] = high >>> 16;
    buffer[at + 7] = high >>> 24;
  }

  function useObserved(unixMs: number): void {
    observedUnixMs = unixMs;
    const seconds = Math.floor(unixMs / 1000);
    writeTime(observed, 3, seconds, Math.round((unixMs - seconds * 1000) * 1e6));
  }

  return (out, line) => {
    if (line.origin !== origin) useOrigin(line.origin);
    if (line.observedUnixMs !== observedUnixMs) useObserved(line.observedUnixMs);
    const { bytes, start, end, severity } = line;
    const severityBytes = severityOf(severity);
    const part = line.part === undefined ? none : partFields[line.part];
    const bodyBytes = end - start;
    const bodyValue = 1 + varintBytes(bodyBytes) + bodyBytes;
    const digits = base36Digits(line.place);
    if (digits !== middleDigits) useDigits(digits);
    const size =
      9 +
      severityBytes.length +
      1 +
      varintBytes(bodyValue) +
      bodyValue +
      middle.length +
      digits +
      part.length +
      observed.length;
    out.reserve(size + 12);
    const { buffer } = out;
    buffer[out.length++] = 0x12;
    out.varint(size);
    buffer[out.length++] = 0x09;
    writeTime(buffer, out.length, line.seconds, line.nanos);
    out.length += 8;
    out.few(severityBytes);
    buffer[out.length++] = 0x2a;
    out.varint(bodyValue);
    buffer[out.length++] = 0x0a;
    out.varint(bodyBytes);
    bytes.copy(buffer, out.length, start, end);
    out.length += bodyBytes;
    out.copy(middle);
    out.length += digits;
    let rest = line.place;
    for (let at = out.length - 1, left = digits; left > 0; left -= 1, at -= 1) {
      const digit = rest % 36;
      buffer[at] = digit < 10 ? 48 + digit : 87 + digit;
      rest = (rest - digit) / 36;
    }
    if (part.length > 0) out.copy(part);
    out.few(observed);
  };
}

function base36Digits(value: number): number {
  let digits = 1;
  for (let limit = 36; value >= limit; limit *= 36) digits += 1;
  return digits;
}

/** `LogRecord.attributes`. */
const attributesField = 6;

const uidKey = ((): Buffer => {
  const writer = new ByteWriter(32);
  writer.varint(0x0a);
  writer.text('log.record.uid');
  return Buffer.from(writer.written());
})();

const partField = (part: string): Buffer => attributeField(attributesField, 'sextant.log.split', part);
const partFields = { start: partField('start'), middle: partField('middle'), end: partField('end') };
