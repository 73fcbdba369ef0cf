import { ByteWriter } from './byte-writer.ts';

/** A KeyValue with a text as its value, as field `field` of whatever holds it. */
export function attributeField(field: number, key: string, value: string): Buffer {
  const any = new ByteWriter(value.length * 3 + 16);
  any.varint(0x0a);
  any.text(value);
  const pair = new ByteWriter(key.length * 3 + any.length + 32);
  pair.varint(0x0a);
  pair.text(key);
  pair.varint(0x12);
  pair.varint(any.length);
  pair.bytes(any.written());
  const out = new ByteWriter(pair.length + 16);
  out.varint(field * 8 + 2);
  out.varint(pair.length);
  out.bytes(pair.written());
  return out.written();
}
