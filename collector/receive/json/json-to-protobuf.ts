import { isUtf8 } from 'node:buffer';
import type { Signal } from '../../../protocol/headers.ts';
import { integer, takeInteger, takeInteger32 } from './json-integer.ts';
import { type JsonField, type JsonMessage, jsonKinds, jsonRequests } from './json-messages.ts';
import {
  another,
  demandDepth,
  fault,
  input,
  numberPattern,
  offset,
  peek,
  skipText,
  skipValue,
  startReading,
  stopReading,
  take,
  takeNull,
  takeNumberText,
  takeText,
  takeWord,
  token,
} from './json-reader.ts';
import { copyText, hexDigit } from './json-text.ts';
import {
  abandonWriting,
  closeLength,
  finishWriting,
  openLength,
  position,
  putByte,
  putBytes,
  putDouble,
  putFixed32,
  putFixed64,
  putVarint,
  putVarint64,
  rewind,
  startWriting,
} from './wire-writer.ts';

/**
 * An OTLP export request from JSON to Protobuf, in one pass and without objects in between: what stands in the text is
 * what is written, to the last digit. As OTLP has it: ids in hexadecimal, lowerCamelCase names only, unknown fields
 * left out, 64-bit integers as numbers or texts; names of enumerations are taken beside their numbers.
 * Throws SX_BAD_OTLP with the offset of the fault, and SX_TOO_LARGE when the result would be larger than `maxBytes`.
 * Not everything is checked here: the result takes the same walk as any request.
 */
export function jsonToProtobuf(signal: Signal, json: Buffer, { maxBytes }: { maxBytes: number }): Buffer {
  startReading(json);
  startWriting(json.length, maxBytes);
  try {
    if (!isUtf8(json)) fault('it is not UTF-8');
    writeMessage(jsonRequests[signal], 1);
    if (peek() !== -1) fault('something follows the request');
    return finishWriting();
  } finally {
    stopReading();
    abandonWriting();
  }
}

function writeMessage(shape: JsonMessage, depth: number): void {
  demandDepth(depth);
  take(token.openObject);
  if (peek() === token.closeObject) {
    take(token.closeObject);
    return;
  }
  do {
    const field = takeName(shape);
    take(token.colon);
    if (field === undefined) skipValue(depth + 1);
    // Nothing, as if the name were not there.
    else if (!takeNull()) writeField(field, depth);
  } while (another(token.closeObject));
}

function takeName(shape: JsonMessage): JsonField | undefined {
  if (peek() !== token.quote) fault('a name is missing');
  const start = offset() + 1;
  const { end, escaped } = skipText();
  const source = input();
  if (escaped) return shape.byName.get(JSON.parse(escapedName(source, start, end)));
  const candidates = shape.byLength[end - start];
  if (candidates === undefined) return undefined;
  for (const field of candidates) {
    const { key } = field;
    let i = 0;
    while (i < key.length && key[i] === source[start + i]) i++;
    if (i === key.length) return field;
  }
  return undefined;
}

function escapedName(source: Buffer, start: number, end: number): string {
  const quoted = source.toString('utf8', start - 1, end + 1);
  if (!/^"(?:[^"\\]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"$/.test(quoted)) fault('an escape in a name is not one of JSON');
  return quoted;
}

/** Wire types of Protobuf. */
const varint = 0;
const fixed64 = 1;
const blob = 2;
const fixed32 = 5;

function writeField(field: JsonField, depth: number): void {
  const { number, kind } = field;
  const before = position();
  switch (kind) {
    case jsonKinds.message:
      putTag(number, blob);
      writeChild(field, depth + 1);
      break;
    case jsonKinds.messages:
      take(token.openList);
      if (peek() === token.closeList) take(token.closeList);
      else {
        do {
          putTag(number, blob);
          writeChild(field, depth + 2);
        } while (another(token.closeList));
      }
      break;
    case jsonKinds.text:
    case jsonKinds.bytes:
    case jsonKinds.id: {
      putTag(number, blob);
      const start = openLength();
      if (kind === jsonKinds.text) copyText();
      else if (kind === jsonKinds.id) writeId();
      else writeBase64();
      if (position() === start && !field.presence) rewind(before);
      else closeLength(start);
      break;
    }
    case jsonKinds.bool: {
      const value = peek() === 0x74;
      takeWord(value ? 'true' : 'false');
      putTag(number, varint);
      putByte(value ? 1 : 0);
      if (!value && !field.presence) rewind(before);
      break;
    }
    case jsonKinds.uint32:
    case jsonKinds.enumeration: {
      const value = kind === jsonKinds.uint32 ? takeInteger32(false) : takeEnumeration(field);
      if (value === 0) break;
      putTag(number, varint);
      putVarint(value);
      break;
    }
    case jsonKinds.sint32: {
      const value = takeInteger32(true);
      if (value === 0) break;
      putTag(number, varint);
      putVarint(((value << 1) ^ (value >> 31)) >>> 0);
      break;
    }
    case jsonKinds.fixed32: {
      const value = takeInteger32(false);
      if (value === 0) break;
      putTag(number, fixed32);
      putFixed32(value);
      break;
    }
    case jsonKinds.int64:
      takeInteger(true);
      putTag(number, varint);
      putVarint64(integer.low, integer.high);
      break;
    case jsonKinds.fixed64:
    case jsonKinds.sfixed64:
      takeInteger(kind === jsonKinds.sfixed64);
      if (integer.low === 0 && integer.high === 0 && !field.presence) break;
      putTag(number, fixed64);
      putFixed64(integer.low, integer.high);
      break;
    case jsonKinds.double: {
      const value = takeDouble();
      if (Object.is(value, 0) && !field.presence) break;
      putTag(number, fixed64);
      putDouble(value);
      break;
    }
    default:
      writePacked(field);
  }
}

function writeChild({ child }: JsonField, depth: number): void {
  if (child === undefined) throw new Error('BUG: a message field without a shape');
  const start = openLength();
  writeMessage(child, depth);
  closeLength(start);
}

function writePacked({ number, kind }: JsonField): void {
  take(token.openList);
  if (peek() === token.closeList) {
    take(token.closeList);
    return;
  }
  putTag(number, blob);
  const start = openLength();
  do {
    if (kind === jsonKinds.packedDouble) putDouble(takeDouble());
    else {
      takeInteger(false);
      if (kind === jsonKinds.packedFixed64) putFixed64(integer.low, integer.high);
      else putVarint64(integer.low, integer.high);
    }
  } while (another(token.closeList));
  closeLength(start);
}

const putTag = (number: number, wireType: number): void => putVarint(number * 8 + wireType);

function takeEnumeration({ name, names }: JsonField): number {
  if (peek() !== token.quote) {
    const value = takeInteger32(true);
    if (value < 0) fault(`${name} is below zero`);
    return value;
  }
  const text = takeText();
  const value = names?.[text] ?? (/^\d{1,9}$/.test(text) ? Number(text) : undefined);
  if (typeof value !== 'number') fault(`${name} has no such value`);
  return value;
}

const notFinite = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);

function takeDouble(): number {
  const text = peek() === token.quote ? takeText() : takeNumberText();
  if (!numberPattern.test(text)) return notFinite.get(text) ?? fault('this is no number');
  const value = Number(text);
  if (!Number.isFinite(value)) fault('a number is too large');
  return value;
}

function writeId(): void {
  if (peek() !== token.quote) fault('an id is missing');
  const source = input();
  const start = offset() + 1;
  const { end } = skipText();
  if (((end - start) & 1) === 1) fault('an id has half a byte');
  for (let at = start; at < end; at += 2) {
    const high = hexDigit(source[at] as number);
    const low = hexDigit(source[at + 1] as number);
    if (high < 0 || low < 0) fault('an id is not hexadecimal');
    putByte(high * 16 + low);
  }
}

/** Either alphabet, with padding or without it. */
const base64Pattern = /^[A-Za-z0-9+/_-]*={0,2}$/;

function writeBase64(): void {
  const text = takeText();
  if (!base64Pattern.test(text) || text.replaceAll('=', '').length % 4 === 1) fault('bytes are not base64');
  const bytes = Buffer.from(text, 'base64');
  putBytes(bytes, 0, bytes.length);
}
