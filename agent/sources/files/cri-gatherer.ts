import { ByteWriter } from '../../../protocol/otlp/byte-writer.ts';
import { CriLine, type CriStream } from './cri-line.ts';
import type { LineTime } from './line-time.ts';
import type { LineHandler, SplitPart } from './lines.ts';

/** What a header says of a record; of a line without one there is no stream. */
export interface CriStamp {
  stream: CriStream | undefined;
  /** The time is the line's own. */
  isTimed: boolean;
  seconds: number;
  nanos: number;
}

/** As LineHandler, with what the header has said. */
export type CriHandler = (
  bytes: Buffer,
  start: number,
  end: number,
  place: number,
  part: SplitPart,
  stamp: CriStamp,
) => void;

/** A record that is gathered, or that waits behind one. */
interface Gathered {
  stamp: CriStamp;
  place: number;
  text: ByteWriter;
  part: SplitPart;
  isOpen: boolean;
}

export interface CriGatherer {
  readonly onLine: LineHandler;
  /** As that of RecordGatherer. What is handed out before its end is marked as a part, for more is to come. */
  end(flush: boolean, full: boolean): number | undefined;
  /** Streams whose last record goes on in lines to come. */
  readonly continuing: readonly CriStream[];
}

/** A record to which nothing was added for this long is handed out as far as it is there. */
export const criFlushAfterMs = 2_000;

/**
 * Takes the headers off the lines of a container's log and joins the parts that its runtime has cut long lines into.
 *
 * Both streams are in one file, so parts of one may lie between those of the other. Nothing is handed out while a record of
 * either is open: only then is there a place in the file before which all is done, and behind which nothing is. A record
 * beyond `maxBytes` comes in several that are marked as parts; a line without a header is a record as it is.
 */
export function createCriGatherer(
  {
    maxBytes,
    continuing,
    lineTime,
  }: { maxBytes: number; continuing: readonly CriStream[]; lineTime: Pick<LineTime, 'read' | 'seconds' | 'nanos'> },
  onRecord: CriHandler,
): CriGatherer {
  const line = new CriLine();
  const direct: CriStamp = { stream: undefined, isTimed: false, seconds: 0, nanos: 0 };
  let going = new Set(continuing);
  /** As it was before the first of those that wait. */
  let goingBefore = new Set(continuing);
  let waiting: Gathered[] = [];

  function stampOf(bytes: Buffer, start: number, end: number, stream: CriStream | undefined): CriStamp {
    direct.stream = stream;
    direct.isTimed = lineTime.read(bytes, start, end);
    direct.seconds = lineTime.seconds;
    direct.nanos = lineTime.nanos;
    return direct;
  }

  /** The next part of a stream's record, or all of it. */
  function partOf(stream: CriStream, goesOn: boolean): SplitPart {
    const wentOn = going.has(stream);
    if (goesOn) going.add(stream);
    else going.delete(stream);
    if (goesOn) return wentOn ? 'middle' : 'start';
    return wentOn ? 'end' : undefined;
  }

  function close(one: Gathered, goesOn: boolean): void {
    if (one.stamp.stream !== undefined) one.part = partOf(one.stamp.stream, goesOn);
    one.isOpen = false;
  }

  function handOut(): void {
    if (waiting.length === 0 || waiting.some(({ isOpen }) => isOpen)) return;
    for (const { text, place, part, stamp } of waiting) {
      if (text.length > 0 || part !== undefined) onRecord(text.buffer, 0, text.length, place, part, stamp);
    }
    waiting = [];
  }

  function wait(bytes: Buffer, from: number, end: number, place: number, stamp: CriStamp): Gathered {
    if (waiting.length === 0) goingBefore = new Set(going);
    const text = new ByteWriter(end - from + 1);
    text.bytes(bytes.subarray(from, end));
    const one = { stamp: { ...stamp }, place, text, part: undefined, isOpen: true };
    waiting.push(one);
    return one;
  }

  return {
    get continuing() {
      return [...going];
    },
    onLine(bytes, start, end, place, part) {
      // What is in parts already has lost its header with the first of them.
      if (part !== undefined || !line.read(bytes, start, end)) {
        const stamp = stampOf(bytes, start, end, undefined);
        if (waiting.length === 0) onRecord(bytes, start, end, place, part, stamp);
        else Object.assign(wait(bytes, start, end, place, stamp), { part, isOpen: false });
        return;
      }
      const { stream, isPartial, textAt } = line;
      const open = waiting.find((one) => one.isOpen && one.stamp.stream === stream);
      if (!open && !isPartial && waiting.length === 0) {
        const whole = partOf(stream, false);
        if (textAt < end || whole) onRecord(bytes, textAt, end, place, whole, stampOf(bytes, start, end, stream));
        return;
      }
      const gathered = open ?? wait(bytes, textAt, end, place, stampOf(bytes, start, end, stream));
      if (open) open.text.bytes(bytes.subarray(textAt, end));
      if (!isPartial) close(gathered, false);
      else if (gathered.text.length >= maxBytes) close(gathered, true);
      handOut();
    },
    end(flush, full) {
      const [first] = waiting;
      if (first === undefined) return undefined;
      if (!flush && !(full && first.place === 0)) {
        waiting = [];
        going = goingBefore;
        return first.place;
      }
      for (const one of waiting) {
        // Of nothing there is no part.
        if (one.isOpen && one.text.length > 0) close(one, true);
        one.isOpen = false;
      }
      handOut();
      return undefined;
    },
  };
}
