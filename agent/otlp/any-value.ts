import { fieldsOf } from '../../protocol/wire-fields.ts';

/** Values nest no deeper in anything that we read; what does is told as nothing. */
const maxDepth = 32;

/** A Protobuf varint of 64 bits as a signed number. */
export function varint64(bytes: Buffer, from: number): bigint {
  let value = 0n;
  for (let at = from, shift = 0n; shift < 70n; at++, shift += 7n) {
    const byte = bytes[at] ?? 0;
    value |= BigInt(byte & 127) << shift;
    if (byte < 128) break;
  }
  return BigInt.asIntN(64, value);
}

export const textAt = (bytes: Buffer, { from, to }: { from: number; to: number }): string =>
  bytes.toString('utf8', from, to);

/**
 * An OTLP AnyValue as the collector's tables hold it: text as it is, numbers and booleans in decimal and words, bytes in
 * base64, arrays and maps as JSON, nothing for a value that is not set.
 */
export function valueText(bytes: Buffer, from: number, to: number): string {
  for (const field of fieldsOf(bytes, from, to)) {
    if (field.field === 1) return textAt(bytes, field);
    if (field.field === 5 || field.field === 6) return JSON.stringify(inner(bytes, from, to, 0));
    return String(inner(bytes, from, to, 0));
  }
  return '';
}

function inner(bytes: Buffer, from: number, to: number, depth: number): unknown {
  for (const field of fieldsOf(bytes, from, to)) {
    switch (field.field) {
      case 1:
        return textAt(bytes, field);
      case 2:
        return varint64(bytes, field.from) !== 0n;
      case 3: {
        const number = varint64(bytes, field.from);
        return Number.isSafeInteger(Number(number)) ? Number(number) : String(number);
      }
      case 4: {
        const number = bytes.readDoubleLE(field.from);
        return Number.isFinite(number) ? number : String(number);
      }
      case 5:
        return depth >= maxDepth ? null : [...valuesOf(bytes, field.from, field.to, depth)];
      case 6:
        return depth >= maxDepth
          ? null
          : Object.fromEntries(pairsOf(bytes, field, (a, b) => inner(bytes, a, b, depth + 1)));
      case 7:
        return bytes.toString('base64', field.from, field.to);
    }
  }
  return null;
}

function* valuesOf(bytes: Buffer, from: number, to: number, depth: number): Generator<unknown> {
  for (const field of fieldsOf(bytes, from, to)) {
    if (field.field === 1) yield inner(bytes, field.from, field.to, depth + 1);
  }
}

/** Key and value of each KeyValue (field 1) of a KeyValueList. */
function* pairsOf<Value>(
  bytes: Buffer,
  { from, to }: { from: number; to: number },
  read: (from: number, to: number) => Value,
): Generator<[string, Value]> {
  for (const field of fieldsOf(bytes, from, to)) {
    if (field.field === 1) yield pairOf(bytes, field, read);
  }
}

/** One KeyValue. */
function pairOf<Value>(
  bytes: Buffer,
  { from, to }: { from: number; to: number },
  read: (from: number, to: number) => Value,
): [string, Value] {
  let key = '';
  let value = read(to, to);
  for (const field of fieldsOf(bytes, from, to)) {
    if (field.field === 1) key = textAt(bytes, field);
    else if (field.field === 2) value = read(field.from, field.to);
  }
  return [key, value];
}

/** Puts one KeyValue of attributes into `into`. */
export function putAttribute(bytes: Buffer, pair: { from: number; to: number }, into: Record<string, string>): void {
  const [key, value] = pairOf(bytes, pair, (from, to) => valueText(bytes, from, to));
  into[key] = value;
}
