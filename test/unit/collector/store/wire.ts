import { lengthPrefix } from '../../../../protocol/batch.ts';

/** Protobuf by hand, for fields that no serializer at hand writes. Each function gives one field. */
const tag = (field: number, wireType: number): Buffer => lengthPrefix(field * 8 + wireType);

export const varint = (field: number, value: number | bigint): Buffer => {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  return Buffer.concat([tag(field, 0), Buffer.from([...bytes, Number(rest)])]);
};
export const zigzag = (field: number, value: number): Buffer => varint(field, value < 0 ? -2 * value - 1 : 2 * value);
export const fixed64 = (field: number, value: bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
  return Buffer.concat([tag(field, 1), bytes]);
};
export const double = (field: number, value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return Buffer.concat([tag(field, 1), bytes]);
};
export const fixed32 = (field: number, value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return Buffer.concat([tag(field, 5), bytes]);
};
export const bytes = (field: number, value: Buffer | string): Buffer => {
  const content = Buffer.from(value as string);
  return Buffer.concat([tag(field, 2), lengthPrefix(content.length), content]);
};
export const message = (field: number, ...parts: Buffer[]): Buffer => bytes(field, Buffer.concat(parts));

/** A KeyValue with a text. */
export const pair = (field: number, key: string, value: string): Buffer =>
  message(field, bytes(1, key), message(2, bytes(1, value)));
