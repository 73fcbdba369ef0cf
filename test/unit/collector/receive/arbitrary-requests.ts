import fc from 'fast-check';
import { exportRequests, type MessageShape, wireKinds } from '../../../../collector/receive/otlp-messages.ts';
import type { Signal } from '../../../../protocol/headers.ts';
import { bytes, fixed32, fixed64, varint } from '../store/wire.ts';

const extremes = [0n, 1n, 2n, 127n, 128n, 255n, 256n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n, 2n ** 63n, 2n ** 64n - 1n];
const number = fc.oneof(fc.constantFrom(...extremes), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }));
const blob = fc.oneof(
  fc.uint8Array({ maxLength: 12 }).map((content) => Buffer.from(content)),
  fc.string({ unit: 'binary', maxLength: 8 }).map((text) => Buffer.from(text)),
);

/** A field as its shape wants it: any number of times, in any order, with any content. */
function field(shape: MessageShape, number_: number, depth: number): fc.Arbitrary<Buffer> {
  switch (shape.kinds[number_]) {
    case wireKinds.varint:
      return number.map((value) => varint(number_, value));
    case wireKinds.fixed64:
      return number.map((value) => fixed64(number_, value));
    case wireKinds.fixed32:
      return fc.nat().map((value) => fixed32(number_, value));
    case wireKinds.blob:
      return blob.map((content) => bytes(number_, content));
    case wireKinds.packedVarint:
      return fc.oneof(
        number.map((value) => varint(number_, value)),
        fc.array(number, { minLength: 1, maxLength: 4 }).map((values) => packed(number_, values, varint)),
      );
    case wireKinds.packedFixed64:
      return fc.oneof(
        number.map((value) => fixed64(number_, value)),
        fc.array(number, { minLength: 1, maxLength: 4 }).map((values) => packed(number_, values, fixed64)),
      );
    default: {
      const child = shape.children[number_];
      if (!child || depth === 0) return fc.constant(bytes(number_, Buffer.alloc(0)));
      return content(child, depth - 1).map((inside) => bytes(number_, inside));
    }
  }
}

const packed = (number_: number, values: bigint[], encode: (field: number, value: bigint) => Buffer): Buffer =>
  bytes(number_, Buffer.concat(values.map((value) => encode(1, value).subarray(1))));

const unknownField = fc.oneof(
  number.map((value) => varint(30, value)),
  number.map((value) => fixed64(29, value)),
  fc.nat().map((value) => fixed32(28, value)),
  blob.map((content) => bytes(500, content)),
);

function content(shape: MessageShape, depth: number): fc.Arbitrary<Buffer> {
  const numbers = [...shape.kinds.keys()].filter((number_) => shape.kinds[number_] !== wireKinds.unknown);
  const known = fc
    .constantFrom(...numbers)
    .chain((number_) => fc.tuple(fc.constant(number_), field(shape, number_, depth)));
  const unknown = unknownField.map((one): [number, Buffer] => [0, one]);
  return fc
    .array(fc.oneof({ arbitrary: known, weight: 20 }, { arbitrary: unknown, weight: 1 }), { maxLength: 6 })
    .map((fields) => {
      let seen = 0;
      const kept = fields.filter(([number_]) => {
        const bit = 1 << number_;
        if ((shape.once & bit) === 0) return true;
        const taken = seen & ((shape.oneOf & bit) !== 0 ? shape.oneOf : bit);
        seen |= bit;
        return taken === 0;
      });
      return Buffer.concat(kept.map(([, one]) => one));
    });
}

/** Export requests that keep to the wire format and to nothing else. */
export const arbitraryRequest = (signal: Signal): fc.Arbitrary<Buffer> => {
  const shape = exportRequests[signal];
  // Deep enough for a value within a list within an attribute of a point; a request that has no record is no test.
  return fc.array(field(shape, 1, 11), { minLength: 1, maxLength: 3 }).map((fields) => Buffer.concat(fields));
};

interface Change {
  at: number;
  how: 'flip' | 'set' | 'cut' | 'repeat' | 'insert';
  value: number;
}

const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat(),
  how: fc.constantFrom('flip', 'set', 'cut', 'repeat', 'insert'),
  value: fc.nat({ max: 255 }),
});

/** The same with some bytes changed, so that most are no request any more and some are another one. */
export const mutatedRequest = (signal: Signal): fc.Arbitrary<Buffer> =>
  fc.tuple(arbitraryRequest(signal), fc.array(change, { minLength: 1, maxLength: 3 })).map(([request, changes]) => {
    let changed: Buffer = Buffer.from(request);
    for (const { at, how, value } of changes) changed = mutate(changed, at % Math.max(1, changed.length), how, value);
    return changed;
  });

function mutate(request: Buffer, at: number, how: Change['how'], value: number): Buffer {
  const before = request.subarray(0, at);
  const after = request.subarray(at);
  switch (how) {
    case 'flip':
      return Buffer.concat([before, Buffer.from([(after[0] ?? 0) ^ (1 << (value & 7))]), after.subarray(1)]);
    case 'set':
      return Buffer.concat([before, Buffer.from([value]), after.subarray(1)]);
    case 'cut':
      return Buffer.concat([before, after.subarray(1 + (value & 15))]);
    case 'repeat':
      return Buffer.concat([before, after.subarray(0, value & 31), after]);
    case 'insert':
      return Buffer.concat([before, Buffer.from([value]), after]);
  }
}
