/** What waits for its turn while another channel is written; a bundle's memory is bounded. */
const usualWaitingChars = 8 * 2 ** 20;
/** A channel is not written in smaller pieces than this while more is to come. */
const usualLeastChars = 64 * 1024;
/** As `ndjson` has it. */
const chunkChars = 128 * 1024;

/** One file of a channel: its content is to be read to the end before the next file is asked for. */
export interface ChannelFile {
  /** Empty for what has no channel, and for what is not told apart. */
  channel: string;
  content: AsyncGenerator<Buffer>;
}

interface Waiting {
  chunks: Buffer[];
  text: string;
  chars: number;
}

/**
 * Splits rows into JSON lines by channel, in one pass and in bounded memory. The rows of an hour nearly always wait
 * together until it ends, and each channel is one file. Where more comes, the busiest one is written while the others wait;
 * a channel has several files only when these would wait with more than `waitingChars`. When even the busiest has less than
 * `leastChars` then, there are too many of them for files of their own: what is there and what comes stays in one.
 */
export async function* filesByChannel<Row>(
  rows: AsyncGenerator<Row>,
  { channelOf, change }: { channelOf: (row: Row) => string; change: (row: Row) => unknown },
  { waitingChars = usualWaitingChars, leastChars = usualLeastChars } = {},
): AsyncGenerator<ChannelFile> {
  const waiting = new Map<string, Waiting>();
  let waits = 0;
  let together = false;
  let ended = false;

  const put = (channel: string, line: string): Waiting => {
    let own = waiting.get(channel);
    if (!own) {
      own = { chunks: [], text: '', chars: 0 };
      waiting.set(channel, own);
    }
    own.text += line;
    own.chars += line.length;
    waits += line.length;
    if (own.text.length >= chunkChars) {
      own.chunks.push(Buffer.from(own.text));
      own.text = '';
    }
    return own;
  };
  /** The channel of the next row, which waits now; undefined at the end. */
  const next = async (): Promise<string | undefined> => {
    const { value, done } = await rows.next();
    if (done) {
      ended = true;
      return undefined;
    }
    const channel = together ? '' : channelOf(value);
    put(channel, `${JSON.stringify(change(value))}\n`);
    return channel;
  };
  const takeFull = function* (own: Waiting): Generator<Buffer> {
    for (const chunk of own.chunks.splice(0)) yield chunk;
    waits -= own.chars - own.text.length;
    own.chars = own.text.length;
  };
  const busiest = (): string => [...waiting].sort(([, a], [, b]) => b.chars - a.chars)[0]?.[0] ?? '';
  const mixAll = (): string => {
    together = true;
    const all = [...waiting].filter(([name]) => name !== '');
    for (const [name, own] of all) {
      waiting.delete(name);
      waits -= own.chars;
      for (const chunk of own.chunks) put('', chunk.toString('utf8'));
      put('', own.text);
    }
    return '';
  };
  async function* contentOf(channel: string): AsyncGenerator<Buffer> {
    const own = waiting.get(channel);
    if (!own) throw new Error(`BUG: nothing waits of ${channel}`);
    yield* takeFull(own);
    while (!ended && waits - own.chars < waitingChars) {
      if ((await next()) === channel && own.chunks.length > 0) yield* takeFull(own);
    }
    yield* takeFull(own);
    if (own.text !== '') yield Buffer.from(own.text);
    waits -= own.chars;
    waiting.delete(channel);
  }

  try {
    for (;;) {
      while (!ended && waits < waitingChars) await next();
      if (waiting.size === 0) return;
      let channel = [...waiting.keys()].sort()[0] ?? '';
      if (!ended) {
        channel = busiest();
        if ((waiting.get(channel)?.chars ?? 0) < leastChars) channel = mixAll();
      }
      yield { channel, content: contentOf(channel) };
    }
  } finally {
    await rows.return(undefined);
  }
}
