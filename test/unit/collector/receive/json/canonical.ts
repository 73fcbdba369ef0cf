import { exportRequests, type MessageShape, wireKinds } from '../../../../../collector/receive/otlp-messages.ts';
import type { Signal } from '../../../../../protocol/headers.ts';

/**
 * OTLP bytes with the fields of each message in the order of their numbers, as a serialiser may write them in any, and
 * without zeros that mean the same as nothing.
 */
export const canonical = (signal: Signal, bytes: Uint8Array): string =>
  JSON.stringify(fieldsOf(exportRequests[signal], Buffer.from(bytes)), undefined, 1);

function fieldsOf(shape: MessageShape, bytes: Buffer): unknown[] {
  const fields: [number, unknown][] = [];
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error('cut');
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const number = tag >>> 3;
    let value: unknown;
    if ((tag & 7) === 0) value = String(varint());
    else if ((tag & 7) === 2) {
      const length = Number(varint());
      const content = bytes.subarray(at, at + length);
      at += length;
      const child = shape.kinds[number] === wireKinds.message ? shape.children[number] : undefined;
      value = child ? fieldsOf(child, content) : content.toString('hex');
    } else {
      const length = (tag & 7) === 1 ? 8 : 4;
      value = bytes.toString('hex', at, at + length);
      at += length;
    }
    const isNothing = typeof value === 'string' && /^0*$/.test(value) && ((shape.oneOf >> number) & 1) === 0;
    if (!isNothing) fields.push([number, value]);
  }
  return fields.sort((a, b) => a[0] - b[0]);
}
