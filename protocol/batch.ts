import { crc32 } from 'node:zlib';

/**
 * A journal entry is an OTLP export request followed by the collector's own fields. Protobuf messages merge on
 * concatenation, so the OTLP bytes are never touched and the engine reads both with one schema.
 */
export interface BatchMark {
  /** Node that the client certificate proved; empty for none. */
  node: string;
  stream: string;
  epoch: string;
  /** 0n for senders that do not number their batches. */
  sequence: bigint;
  /** So many numbers right before `sequence` carried no record; 0n when absent. */
  emptyBefore?: bigint;
  /** CRC-32 of the OTLP bytes. */
  crc32: number;
  receivedUnixNano: bigint;
}

/** Field numbers outside anything OTLP uses or has reserved. */
export const markFields = {
  node: 1000,
  sequence: 1001,
  crc32: 1002,
  stream: 1003,
  epoch: 1004,
  receivedUnixNano: 1005,
  emptyBefore: 1006,
} as const;

const varint = (value: bigint): number[] => {
  const bytes: number[] = [];
  while (value > 127n) {
    bytes.push(Number(value & 127n) | 128);
    value >>= 7n;
  }
  bytes.push(Number(value));
  return bytes;
};

const stringField = (field: number, text: string): Buffer => {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from(varint(BigInt(field * 8 + 2))), Buffer.from(varint(BigInt(bytes.length))), bytes]);
};
const varintField = (field: number, value: bigint): Buffer =>
  Buffer.from([...varint(BigInt(field * 8)), ...varint(value)]);
const fixed32Field = (field: number, value: number): Buffer => {
  const out = Buffer.concat([Buffer.from(varint(BigInt(field * 8 + 5))), Buffer.alloc(4)]);
  out.writeUInt32LE(value, out.length - 4);
  return out;
};

/** The mark as Protobuf fields, to be written right behind the OTLP bytes. */
export function encodeMark(mark: BatchMark): Buffer {
  return Buffer.concat([
    stringField(markFields.node, mark.node),
    varintField(markFields.sequence, mark.sequence),
    fixed32Field(markFields.crc32, mark.crc32),
    stringField(markFields.stream, mark.stream),
    stringField(markFields.epoch, mark.epoch),
    varintField(markFields.receivedUnixNano, mark.receivedUnixNano),
    ...(mark.emptyBefore ? [varintField(markFields.emptyBefore, mark.emptyBefore)] : []),
  ]);
}

/** CRC-32 of a body. zlib's native one: it outruns CRC-32C in JavaScript several times over. */
export const checksum = (bytes: Uint8Array): number => crc32(bytes);

/** Length prefix of a length-delimited Protobuf message. */
export const lengthPrefix = (byteLength: number): Buffer => Buffer.from(varint(BigInt(byteLength)));
