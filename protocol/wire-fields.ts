/** One field of a Protobuf message; `from` and `to` enclose its value, without tag and length. */
export interface WireField {
  field: number;
  wireType: number;
  /** Offset of the tag. */
  start: number;
  from: number;
  to: number;
}

/** The fields of a message that the walk has found well formed. */
export function* fieldsOf(bytes: Buffer, start: number, end: number): Generator<WireField> {
  const reader = { at: start };
  while (reader.at < end) {
    const begin = reader.at;
    const tag = varint(bytes, reader);
    const wireType = tag & 7;
    let from = reader.at;
    if (wireType === 0) varint(bytes, reader);
    else if (wireType === 1) reader.at += 8;
    else if (wireType === 5) reader.at += 4;
    else {
      const length = varint(bytes, reader);
      from = reader.at;
      reader.at += length;
    }
    yield { field: tag >>> 3, wireType, start: begin, from, to: reader.at };
  }
}

/** Numbers of more than 32 bits come out wrong: they are only passed over here. */
function varint(bytes: Buffer, reader: { at: number }): number {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[reader.at++] ?? 0;
    if (shift < 32) value |= (byte & 127) << shift;
    if (byte < 128) return value >>> 0;
  }
}
