import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFrameReader, type Frame } from '../../../../../collector/receive/syslog/frame-reader.ts';

interface ReadFrame {
  text: string;
  cutBytes: number;
  fault?: string;
}

/** Feeds pieces and asks for frames after each, as a connection does. */
function readAll(pieces: Buffer[], maxMessageBytes = 1000): ReadFrame[] {
  const reader = createFrameReader({ maxMessageBytes });
  const read: ReadFrame[] = [];
  const drain = () => {
    for (let frame: Frame | undefined = reader.next(); frame; frame = reader.next()) {
      const { bytes, ...rest } = frame;
      read.push({ text: bytes.toString('latin1'), ...rest });
    }
  };
  for (const piece of pieces) {
    reader.push(piece);
    drain();
    // What lies here never outgrows one message and one piece.
    expect(reader.bufferedBytes).toBeLessThanOrEqual(2 * maxMessageBytes + 16);
  }
  reader.end();
  drain();
  return read;
}

const texts = (stream: string, maxMessageBytes?: number) =>
  readAll([Buffer.from(stream, 'latin1')], maxMessageBytes).map(({ text }) => text);

test('reads messages between newlines, NULs and both', () => {
  expect(texts('<1>a\n<1>b\r\n<1>c\0<1>d\0\n\n<1>e')).toEqual(['<1>a', '<1>b', '<1>c', '<1>d', '<1>e']);
});

test('reads messages behind their length, whatever is in them', () => {
  expect(texts('4 <1>a9 <1>b\nc\0 d4 <1>e')).toEqual(['<1>a', '<1>b\nc\0 d', '<1>e']);
});

test('overlooks a newline that somebody sends behind each counted message', () => {
  expect(texts('5 <1>a\n4 <1>b\n4 <1>c')).toEqual(['<1>a', '<1>b', '<1>c']);
});

test('takes a line that begins with a number for a line when the stream is one of lines', () => {
  expect(texts('<1>a\n12 errors found\n<1>b\n')).toEqual(['<1>a', '12 errors found', '<1>b']);
});

test('takes no date for a length', () => {
  expect(texts('2026-11-20 12:00:00 hello\n20261120123 x\n')).toEqual(['2026-11-20 12:00:00 hello', '20261120123 x']);
});

test('keeps the front of a message that is too long, and tells how much it left out', () => {
  expect(readAll([Buffer.from(`<1>${'a'.repeat(2000)}\n<1>b\n`)], 100)).toEqual([
    { text: `<1>${'a'.repeat(97)}`, cutBytes: 1903 },
    { text: '<1>b', cutBytes: 0 },
  ]);
  expect(readAll([Buffer.from(`2003 <1>${'a'.repeat(2000)}4 <1>b`)], 100)).toEqual([
    { text: `<1>${'a'.repeat(97)}`, cutBytes: 1903 },
    { text: '<1>b', cutBytes: 0 },
  ]);
});

test('finds its way back to counted messages behind one that has no length', () => {
  expect(readAll([Buffer.from('4 <1>alost and\n4 <1>b')])).toEqual([
    { text: '<1>a', cutBytes: 0 },
    { text: 'lost and', cutBytes: 0, fault: 'no length before the message' },
    { text: '<1>b', cutBytes: 0 },
  ]);
});

test('keeps what there is of a message when the connection ends', () => {
  expect(readAll([Buffer.from('<1>no end')])).toEqual([{ text: '<1>no end', cutBytes: 0 }]);
  expect(readAll([Buffer.from('50 <1>no end')])).toEqual([
    { text: '<1>no end', cutBytes: 0, fault: 'cut by the end of the connection' },
  ]);
  expect(readAll([])).toEqual([]);
  expect(readAll([Buffer.from('12')])).toEqual([{ text: '12', cutBytes: 0 }]);
});

/** Cuts a stream at arbitrary places. */
const cutAt = (stream: Buffer, places: number[]): Buffer[] => {
  const sorted = [0, ...places.map((place) => place % (stream.length + 1)).sort((a, b) => a - b), stream.length];
  return sorted.slice(1).map((end, index) => Buffer.from(stream.subarray(sorted[index], end)));
};
const places = fc.array(fc.nat(), { maxLength: 20 });
const message = fc.string({ minLength: 1, maxLength: 60 }).map((text) => `<13>${text.replace(/[\n\r\0]/g, '.')}`);

test('reads the same messages wherever a stream of lines is cut', () => {
  fc.assert(
    fc.property(fc.array(message), fc.constantFrom('\n', '\0', '\r\n'), places, (messages, delimiter, cuts) => {
      const stream = Buffer.from(messages.map((text) => text + delimiter).join(''), 'latin1');
      expect(readAll(cutAt(stream, cuts)).map(({ text }) => text)).toEqual(
        messages.map((text) => Buffer.from(text, 'latin1').toString('latin1')),
      );
    }),
  );
});

test('reads the same messages wherever a counted stream is cut', () => {
  const any = fc.uint8Array({ minLength: 1, maxLength: 80 }).map((bytes) => Buffer.from([60, ...bytes, 62]));
  fc.assert(
    fc.property(fc.array(any), places, (messages, cuts) => {
      const stream = Buffer.concat(messages.flatMap((bytes) => [Buffer.from(`${bytes.length} `), bytes]));
      expect(readAll(cutAt(stream, cuts)).map(({ text }) => text)).toEqual(
        messages.map((bytes) => bytes.toString('latin1')),
      );
    }),
  );
});

test('reads any bytes the same wherever they are cut, one by one too', () => {
  const piece = fc.oneof(
    fc.constantFrom('<13>', '5 ', '12 ', '\n', '\0', '\r\n', '99999999 ', '0 ', ' ', '<', '7', '\ufeff'),
    fc.string({ maxLength: 8 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), places, fc.integer({ min: 1, max: 30 }), (pieces, cuts, max) => {
      const stream = Buffer.from(pieces.join(''));
      const whole = readAll([stream], Math.max(max, stream.length)).map(({ text }) => text);
      expect(readAll(cutAt(stream, cuts), Math.max(max, stream.length)).map(({ text }) => text)).toEqual(whole);
      const single = [...stream].map((byte) => Buffer.from([byte]));
      expect(readAll(single, Math.max(max, stream.length)).map(({ text }) => text)).toEqual(whole);
      const small = readAll([stream], stream.length + max);
      expect(small.every(({ text }) => text.length > 0)).toBe(true);
    }),
  );
});

test('never holds more than a message and what came at once, and counts every byte that it leaves out', () => {
  const lines = fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 20 });
  fc.assert(
    fc.property(lines, places, fc.boolean(), (sizes, cuts, counted) => {
      const all = sizes.map((size) => (counted ? `${size} ${'x'.repeat(size)}` : `${'x'.repeat(size)}\n`)).join('');
      const read = readAll(
        cutAt(Buffer.from(all), cuts).flatMap((part) => cutAt(part, [50, 100, 150])),
        40,
      );
      expect(read.map(({ text, cutBytes }) => text.length + cutBytes)).toEqual(sizes);
      expect(read.every(({ text }) => text.length <= 40)).toBe(true);
    }),
  );
});
