import { basename } from 'node:path';
import type { Line, LineOrigin, LineSink } from '../line-sink.ts';
import { type CriHandler, createCriGatherer, criFlushAfterMs } from './cri-gatherer.ts';
import { type CriStream, criStreams } from './cri-line.ts';
import type { FileFormat } from './format.ts';
import { LineTime } from './line-time.ts';
import { type LineHandler, scanLines } from './lines.ts';
import { createRecordGatherer } from './multi-line.ts';
import { podAttributes } from './pod-path.ts';
import type { FilePosition } from './position.ts';
import { guessSeverity, klogSeverity } from './severity.ts';
import { encodingOf } from './text-encoding.ts';

/** What a chunk of text belongs to. */
export interface TextFile {
  position: FilePosition;
  readonly head: Buffer;
}

export interface ChunkResult {
  records: number;
  /** Bytes of the chunk that are done. */
  consumed: number;
  /** Whole lines were held back that may go on; milliseconds after which `flush` is to be asked for. */
  flushAfterMs: number | undefined;
}

/** What follows a chunk: `more`; nothing so far, and for long enough (`flush`); nothing ever (`final`). */
export type ChunkEnd = 'more' | 'flush' | 'final';

/** What all lines of a file have in common. */
interface About {
  origin: LineOrigin;
  /** The same with the stream, of a container's log. */
  streams: ReadonlyMap<CriStream, LineOrigin> | undefined;
  format: FileFormat;
  path: string;
}

const nanosecondsInMs = 1_000_000;

/** Makes the function that turns a chunk into records and moves the file's position over them; synchronous. */
export function createChunkEmitter(options: {
  sink: LineSink;
  formatOf(path: string): FileFormat;
  /** A record that fills a chunk of this size is handed out in parts. */
  chunkBytes: number;
  nowMs: () => number;
}) {
  const { sink, nowMs, formatOf, chunkBytes } = options;
  const lineTime = new LineTime(nowMs);
  /** Of the text behind a container's header. */
  const innerTime = new LineTime(nowMs);
  const origins = new WeakMap<TextFile, About>();
  const line: Line = {
    bytes: Buffer.alloc(0),
    start: 0,
    end: 0,
    origin: { attributes: {}, uid: '' },
    place: 0,
    seconds: 0,
    nanos: 0,
    observedUnixMs: 0,
    severity: undefined,
    part: undefined,
  };
  let records = 0;
  let chunkAt = 0;
  let observedSeconds = 0;
  let observedNanos = 0;
  let readMs = Number.NaN;
  let timesGiven = 0;

  /** The time of a line that tells none: when it was read, and a nanosecond more for each line read in that millisecond. */
  function giveTime(): void {
    line.seconds = observedSeconds;
    // Equal times would be told apart by what arrived first, which a batch that is sent again is not any more.
    line.nanos = observedNanos + Math.min(timesGiven++, nanosecondsInMs - 1);
  }

  function about(file: TextFile): About {
    const { path, id } = file.position;
    const found = origins.get(file);
    if (found?.path === path && found.origin.uid === id) return found;
    const format = formatOf(path);
    const attributes = {
      'log.file.name': basename(path),
      'log.file.path': path,
      ...(format.isCri && podAttributes(path)),
    };
    const ofStream = (stream: CriStream): LineOrigin => ({
      attributes: { ...attributes, 'log.iostream': stream },
      uid: id,
    });
    const made: About = {
      origin: { attributes, uid: id },
      streams: format.isCri ? new Map(criStreams.map((stream) => [stream, ofStream(stream)])) : undefined,
      ...{ format, path },
    };
    origins.set(file, made);
    return made;
  }

  const onRecord: LineHandler = (bytes, start, end, place, part) => {
    records += 1;
    line.bytes = bytes;
    line.start = start;
    line.end = end;
    line.place = chunkAt + place;
    line.part = part;
    if (lineTime.read(bytes, start, end)) {
      line.seconds = lineTime.seconds;
      line.nanos = lineTime.nanos;
    } else {
      giveTime();
    }
    line.severity = guessSeverity(bytes, start, end, start + lineTime.bytes);
    sink.write(line);
  };

  /** The file whose chunk is at hand. */
  let current: About | undefined;

  const onContainerRecord: CriHandler = (bytes, start, end, place, part, { stream, isTimed, seconds, nanos }) => {
    records += 1;
    line.bytes = bytes;
    line.start = start;
    line.end = end;
    line.place = chunkAt + place;
    line.part = part;
    const origin = stream === undefined ? current?.origin : current?.streams?.get(stream);
    if (origin) line.origin = origin;
    if (isTimed) {
      line.seconds = seconds;
      line.nanos = nanos;
    } else giveTime();
    innerTime.read(bytes, start, end);
    line.severity = klogSeverity(bytes, start, end) ?? guessSeverity(bytes, start, end, start + innerTime.bytes);
    sink.write(line);
  };

  return (file: TextFile, chunk: Buffer, end: ChunkEnd): ChunkResult => {
    const { position } = file;
    current = about(file);
    const { origin, format } = current;
    const { multiLine, maxLineBytes } = format;
    line.origin = origin;
    line.observedUnixMs = nowMs();
    observedSeconds = Math.floor(line.observedUnixMs / 1000);
    observedNanos = Math.floor(line.observedUnixMs - observedSeconds * 1000) * nanosecondsInMs;
    if (line.observedUnixMs !== readMs) timesGiven = 0;
    readMs = line.observedUnixMs;
    chunkAt = position.offset;
    records = 0;
    const container = format.isCri
      ? createCriGatherer({ maxBytes: maxLineBytes, continuing: position.streams ?? [], lineTime }, onContainerRecord)
      : undefined;
    const joined =
      container || !multiLine
        ? undefined
        : createRecordGatherer(multiLine, maxLineBytes, position.continues === true, onRecord);
    const gatherer = container ?? joined;
    const scanned = scanLines(
      chunk,
      {
        encoding: encodingOf(file.head, format.encoding),
        maxLineBytes,
        splitting: position.split === true,
        final: end === 'final',
      },
      gatherer?.onLine ?? onRecord,
    );
    let { consumed } = scanned;
    const heldAt = gatherer?.end(end !== 'more', chunk.length >= chunkBytes);
    if (heldAt !== undefined) consumed = heldAt;
    const { split: _, continues: __, streams: ___, ...whole } = position;
    const going = container?.continuing ?? [];
    file.position = {
      ...whole,
      offset: position.offset + consumed,
      ...(scanned.splitting && heldAt === undefined ? { split: true as const } : {}),
      ...(joined?.continuing ? { continues: true as const } : {}),
      ...(going.length > 0 ? { streams: [...going] } : {}),
    };
    return {
      records,
      consumed,
      flushAfterMs: heldAt === undefined ? undefined : container ? criFlushAfterMs : multiLine?.flushAfterMs,
    };
  };
}
