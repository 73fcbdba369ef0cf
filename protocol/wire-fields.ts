/** One field of a Protobuf message; `from` and `to` enclose its value, without tag and length. */
export interface WireField {
  field: number;
  wireType: number;
  /** Offset of the tag. */
  start: number;
  from: number;
  to: number;
}

/**
 * Goes over the fields of a message that the walk has found well formed; itself the field that it stands at. For messages of
 * which there are many: objects and a generator for each field cost several times what reading it does.
 */
export class FieldCursor implements WireField {
  field = 0;
  wireType = 0;
  start = 0;
  from = 0;
  to: number;
  /** Value of a field of wire type 0; of more than 32 bits it is wrong. */
  value = 0;
  readonly #bytes: Uint8Array;
  readonly #end: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#end = end;
    this.to = start;
  }

  /** Steps to the next field; false behind the last one. */
  next(): boolean {
    if (this.to >= this.#end) return false;
    this.start = this.to;
    const tag = this.#varint();
    this.field = tag >>> 3;
    this.wireType = tag & 7;
    this.from = this.to;
    if (this.wireType === 0) this.value = this.#varint();
    else if (this.wireType === 1) this.to += 8;
    else if (this.wireType === 5) this.to += 4;
    else {
      const length = this.#varint();
      this.from = this.to;
      this.to += length;
    }
    return true;
  }

  /** Numbers of more than 32 bits come out wrong: they are only passed over here. */
  #varint(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.#bytes[this.to++] ?? 0;
      if (shift < 32) value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
    }
  }
}

/** The fields of a message that the walk has found well formed. */
export function* fieldsOf(bytes: Buffer, begin: number, end: number): Generator<WireField> {
  const cursor = new FieldCursor(bytes, begin, end);
  while (cursor.next()) {
    const { field, wireType, start, from, to } = cursor;
    yield { field, wireType, start, from, to };
  }
}
