const tailShare = 1 / 4;
/** Held in memory until the end is known. */
const maxTailBytes = 2 ** 20;

/** The first and the last of what is longer than it may be. */
export interface Ends {
  /** Passes on what comes first, then reads to the end; the rest of the calls are for after it. */
  head(): AsyncGenerator<Buffer>;
  leftOutBytes(): number;
  /** What follows on the left out, or on the head when nothing was; from a whole line on when something was. */
  tail(): Buffer;
}

/** Keeps at most `maxBytes` of a stream of any length: three quarters or more from its beginning, the rest from its end. */
export function headAndTail(source: AsyncIterable<Buffer>, maxBytes: number): Ends {
  const tailBytes = Math.min(Math.floor(maxBytes * tailShare), maxTailBytes);
  const headBytes = maxBytes - tailBytes;
  let kept: Buffer[] = [];
  let keptBytes = 0;
  let dropped = 0;
  const keep = (chunk: Buffer): void => {
    kept.push(chunk);
    keptBytes += chunk.length;
    // Joined now and then only: a chunk may be a few bytes.
    if (keptBytes < tailBytes * 2 && kept.length < 1024) return;
    const all = Buffer.concat(kept);
    const rest = all.subarray(Math.max(0, all.length - tailBytes));
    dropped += all.length - rest.length;
    kept = [Buffer.from(rest)];
    keptBytes = rest.length;
  };
  const settle = (): Buffer => {
    const all = Buffer.concat(kept);
    const over = Math.max(0, all.length - tailBytes);
    let rest = all.subarray(over);
    dropped += over;
    if (dropped > 0) {
      const line = rest.indexOf(10) + 1;
      dropped += line;
      rest = rest.subarray(line);
    }
    kept = [rest];
    keptBytes = rest.length;
    return rest;
  };
  return {
    head: async function* head() {
      let given = 0;
      for await (const chunk of source) {
        const room = Math.max(0, headBytes - given);
        const first = chunk.subarray(0, room);
        if (first.length > 0) yield first;
        given += first.length;
        if (chunk.length > room) keep(Buffer.from(chunk.subarray(room)));
      }
      settle();
    },
    leftOutBytes: () => dropped,
    tail: () => kept[0] ?? Buffer.alloc(0),
  };
}
