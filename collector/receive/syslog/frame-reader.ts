/** One message as it was framed, without its delimiter. */
export interface Frame {
  bytes: Buffer;
  /** Bytes beyond the largest message, which were left out. */
  cutBytes: number;
  /** Set when the framing was broken: how. */
  fault?: string;
}

/**
 * Cuts a stream into messages: octet counting (RFC 5425, RFC 6587 3.4.1) or delimiters (RFC 6587 3.4.2: newline, also
 * NUL). Which of the two is told from the first message and holds for the stream: a continuation line that begins with
 * a number must not be taken for a length.
 */
export interface FrameReader {
  /** The chunk must not change any more. */
  push(chunk: Buffer): void;
  /** No more will come: what is there is the last message. */
  end(): void;
  /** The next whole message; undefined when more bytes are needed. */
  next(): Frame | undefined;
  /** Bytes of a message that is not whole yet, or that nobody asked for yet. */
  readonly bufferedBytes: number;
}

const newline = 10;
const carriageReturn = 13;
const space = 32;
/** A length with more digits is no length: 100 MB in one message. */
const maxLengthDigits = 8;

const isDelimiter = (byte: number | undefined): boolean => byte === newline || byte === 0 || byte === carriageReturn;
const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 48 && byte <= 57;

export function createFrameReader(options: { maxMessageBytes: number }): FrameReader {
  const { maxMessageBytes } = options;
  let buffer: Buffer = Buffer.alloc(0);
  /** Bytes at the front of `buffer` that hold no delimiter. */
  let scanned = 0;
  /** Bytes that are still to come and belong to a message that was cut. */
  let skip = 0;
  /** The kept front of a delimited message that is too long, while its end is looked for. */
  let head: Buffer | undefined;
  let cutBytes = 0;
  let mode: 'unknown' | 'counted' | 'delimited' = 'unknown';
  /** In a counted stream: no length was found, so that the next delimiter is the only hold. */
  let lost = false;
  let ended = false;

  const consume = (bytes: number): Buffer => {
    const taken = buffer.subarray(0, bytes);
    buffer = buffer.subarray(bytes);
    scanned = 0;
    return taken;
  };

  /** Digits and a space at the front: the length and where the message begins; undefined: more is needed. */
  function readLength(): { length: number; start: number } | 'none' | undefined {
    let at = 0;
    while (at < maxLengthDigits && isDigit(buffer[at])) at += 1;
    if (at === buffer.length && !ended) return undefined;
    if (at === 0 || buffer[0] === 48 || buffer[at] !== space) return 'none';
    return { length: Number(buffer.toString('latin1', 0, at)), start: at + 1 };
  }

  function nextCounted(): Frame | undefined {
    const found = readLength();
    if (found === undefined) return undefined;
    if (found === 'none') {
      lost = true;
      return nextDelimited();
    }
    const { length, start } = found;
    const kept = Math.min(length, maxMessageBytes);
    if (buffer.length < start + kept) {
      if (!ended) return undefined;
      consume(start);
      return { bytes: consume(buffer.length), cutBytes: 0, fault: 'cut by the end of the connection' };
    }
    consume(start);
    const bytes = consume(kept);
    skip = length - kept;
    return { bytes, cutBytes: skip };
  }

  function nextDelimited(): Frame | undefined {
    const line = buffer.indexOf(newline, scanned);
    const nul = buffer.subarray(scanned, line === -1 ? buffer.length : line).indexOf(0);
    const end = nul === -1 ? line : scanned + nul;
    if (end === -1 && !ended) {
      // The front of a message that is too long is kept, the rest is only counted.
      if (head) cutBytes += consume(buffer.length).length;
      else if (buffer.length > maxMessageBytes) {
        head = Buffer.from(consume(maxMessageBytes));
        cutBytes = consume(buffer.length).length;
      }
      scanned = buffer.length;
      return undefined;
    }
    const rest = consume(end === -1 ? buffer.length : end);
    if (end !== -1) consume(1);
    const frame: Frame = head
      ? { bytes: head, cutBytes: cutBytes + rest.length }
      : { bytes: rest.subarray(0, maxMessageBytes), cutBytes: Math.max(0, rest.length - maxMessageBytes) };
    head = undefined;
    cutBytes = 0;
    if (!lost) return frame;
    lost = false;
    return { ...frame, fault: 'no length before the message' };
  }

  return {
    push(chunk) {
      if (skip >= chunk.length) {
        skip -= chunk.length;
        return;
      }
      buffer = buffer.length === 0 ? chunk : Buffer.concat([buffer, chunk]);
    },
    end() {
      ended = true;
    },
    next() {
      while (true) {
        if (skip > 0) skip -= consume(Math.min(skip, buffer.length)).length;
        if (!head && !lost) {
          let blank = 0;
          while (blank < buffer.length && isDelimiter(buffer[blank])) blank += 1;
          if (blank > 0) consume(blank);
          if (buffer.length === 0) return undefined;
        } else if (ended && buffer.length === 0 && !head) return undefined;
        if (mode === 'unknown') {
          const length = readLength();
          if (length === undefined) return undefined;
          mode = length === 'none' ? 'delimited' : 'counted';
        }
        const frame = mode === 'delimited' || lost ? nextDelimited() : nextCounted();
        if (frame === undefined) return undefined;
        const { bytes } = frame;
        let size = bytes.length;
        while (size > 0 && isDelimiter(bytes[size - 1])) size -= 1;
        if (size > 0) return { ...frame, bytes: bytes.subarray(0, size) };
      }
    },
    get bufferedBytes() {
      return buffer.length + (head?.length ?? 0);
    },
  };
}
