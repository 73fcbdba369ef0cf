import { setImmediate as turn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { RedactionTally } from '../profile.ts';
import type { Pseudonyms } from '../pseudonyms.ts';
import type { FirstPass, InlineFirstPass } from './first-pass.ts';
import {
  asBuffer,
  type FromPassThread,
  handedOver,
  type PassThreadOptions,
  type ToPassThread,
} from './pass-messages.ts';

const nothing = Buffer.alloc(0);
const passThread = new URL('./pass-thread.ts', import.meta.url);
/** Pieces given to the thread and not taken yet. With two the thread waits for the next one while this side is busy: 10 to 15 % less. */
const maxWaiting = 4;

type AboutText = Exclude<FromPassThread, { type: 'name' | 'ready' }>;
/** What came back for one text. */
interface Answers {
  received: AboutText[];
  wake: (() => void) | undefined;
}

export interface ThreadedFirstPass extends FirstPass {
  /** Starts the thread, which a text does otherwise; resolves when it takes texts. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The first pass on a thread of its own, which has the same rules and makes the same pseudonyms, so that it takes place
 * while the piece before is scanned again and deflated. `inline` takes texts of a single piece: for these the way there and
 * back takes longer than the pass; the beginning of a text that comes before the thread is ready; and all that come after it
 * has died, of memory that it could not get for example: those that it had in hand fail. `program` is what it runs.
 */
export function createThreadedFirstPass(
  options: PassThreadOptions,
  inline: InlineFirstPass,
  pseudonyms: Pick<Pseudonyms, 'name'>,
  program: URL = passThread,
): ThreadedFirstPass {
  let worker: Worker | undefined;
  /** Why the thread takes nothing any more. */
  let failure: Error | undefined;
  let isReady = false;
  let isClosed = false;
  let lastId = 0;
  const texts = new Map<number, Answers>();
  /** Whoever waits for the thread to be ready, or to fail. */
  const starting: (() => void)[] = [];

  const wakeStarting = (): void => {
    for (const wake of starting.splice(0)) wake();
  };
  const take = (message: FromPassThread): void => {
    if (message.type === 'name') {
      // Made here too, so that whoever keeps names hears of it once.
      pseudonyms.name(message.kind, message.name);
      return;
    }
    if (message.type === 'ready') {
      isReady = true;
      wakeStarting();
      return;
    }
    const answers = texts.get(message.id);
    answers?.received.push(message);
    answers?.wake?.();
  };
  const failed = (error: Error): void => {
    failure ??= error;
    wakeStarting();
    for (const { wake } of texts.values()) wake?.();
  };
  const thread = (): Worker => {
    if (failure) throw failure;
    if (worker === undefined) {
      worker = new Worker(program, { workerData: options, name: 'redaction', execArgv: [] });
      worker.on('message', take);
      worker.on('error', failed);
      worker.on('exit', () => failed(new Error('the thread of redaction ended too early')));
    }
    return worker;
  };
  const send = (message: ToPassThread): void =>
    thread().postMessage(message, message.type === 'text' ? [message.bytes.buffer as ArrayBuffer] : []);

  async function nextAnswer(answers: Answers): Promise<AboutText> {
    while (answers.received.length === 0) {
      if (failure) throw failure;
      await new Promise<void>((resolve) => {
        answers.wake = resolve;
      });
    }
    return answers.received.shift() as AboutText;
  }

  async function* inThread(pieces: AsyncIterator<Buffer>, tally: RedactionTally): AsyncGenerator<Buffer> {
    const id = ++lastId;
    const answers: Answers = { received: [], wake: undefined };
    texts.set(id, answers);
    let waiting = 0;
    let isOver = false;
    const give = (bytes: Uint8Array): void => {
      send({ type: 'text', id, bytes: handedOver(bytes) });
      waiting++;
    };
    try {
      send({ type: 'begin', id });
      for (;;) {
        while (waiting < maxWaiting && !isOver) {
          const next = await pieces.next();
          if (next.done !== true) give(next.value);
          else {
            isOver = true;
            send({ type: 'end', id });
          }
        }
        const answer = await nextAnswer(answers);
        if (answer.type === 'redacted') yield asBuffer(answer.bytes);
        else if (answer.type === 'next') waiting--;
        else if (answer.type === 'failed') throw new Error(answer.message);
        else {
          for (const [rule, found] of Object.entries(answer.tally)) tally[rule] = (tally[rule] ?? 0) + found;
          return;
        }
      }
    } finally {
      texts.delete(id);
      if (failure === undefined) send({ type: 'leave', id });
    }
  }

  const mayTake = (): boolean => {
    if (isClosed) throw failure;
    return isReady && failure === undefined;
  };
  /** Here until the thread is ready, which takes longer than some megabytes of a text do; what is left of the text there. */
  async function* inBoth(pieces: AsyncGenerator<Buffer>, tally: RedactionTally): AsyncGenerator<Buffer> {
    if (failure === undefined) thread();
    const kept = mayTake() ? nothing : yield* inline.passUntil(lent(pieces), tally, mayTake);
    if (kept !== undefined) yield* inThread(kept.length > 0 ? startingWith(kept, pieces) : pieces, tally);
  }

  return {
    async *pass(text, tally) {
      const pieces = (Symbol.asyncIterator in text ? text : inTurn(text))[Symbol.asyncIterator]();
      try {
        const first = await pieces.next();
        if (first.done === true) return;
        // What came may lie in memory that the next piece takes.
        const own = handedOver(first.value);
        const second = await pieces.next();
        if (second.done === true) yield* inline.pass([asBuffer(own)], tally);
        else yield* inBoth(startingWith(asBuffer(own), startingWith(second.value, pieces)), tally);
      } finally {
        await pieces.return?.();
      }
    },
    start: async () => {
      thread();
      while (!isReady) {
        if (failure) throw failure;
        await new Promise<void>((resolve) => starting.push(resolve));
      }
    },
    close: async () => {
      isClosed = true;
      worker?.removeAllListeners();
      failure = new Error('redaction has been closed');
      wakeStarting();
      await worker?.terminate();
      worker = undefined;
    },
  };
}

async function* inTurn(pieces: Iterable<Buffer>): AsyncGenerator<Buffer> {
  yield* pieces;
}

async function* startingWith(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* { [Symbol.asyncIterator]: () => rest };
}

/** The pieces for a pass that may end before they do, without closing them; the thread gets to say in between that it is ready. */
async function* lent(pieces: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  for (;;) {
    await turn();
    const next = await pieces.next();
    if (next.done === true) return;
    yield next.value;
  }
}
