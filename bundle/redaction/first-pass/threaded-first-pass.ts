import { Worker } from 'node:worker_threads';
import type { RedactionTally } from '../profile.ts';
import type { Pseudonyms } from '../pseudonyms.ts';
import type { FirstPass } from './first-pass.ts';
import {
  asBuffer,
  type FromPassThread,
  handedOver,
  type PassThreadOptions,
  type ToPassThread,
} from './pass-messages.ts';

const passThread = new URL('./pass-thread.ts', import.meta.url);
/** Pieces given to the thread and not taken yet. With two the thread waits for the next one while this side is busy: 10 to 15 % less. */
const maxWaiting = 4;

/** What came back for one text. */
interface Answers {
  received: FromPassThread[];
  wake: (() => void) | undefined;
}

export interface ThreadedFirstPass extends FirstPass {
  close(): Promise<void>;
}

/**
 * The first pass on a thread of its own, which has the same rules and makes the same pseudonyms, so that it takes place
 * while the piece before is scanned again and deflated. `inline` takes texts of a single piece: for these the way there and
 * back takes longer than the pass, and all that come after the thread has died, of memory that it could not get for example;
 * those that it had in hand fail. `program` is what it runs.
 */
export function createThreadedFirstPass(
  options: PassThreadOptions,
  inline: FirstPass,
  pseudonyms: Pick<Pseudonyms, 'name'>,
  program: URL = passThread,
): ThreadedFirstPass {
  let worker: Worker | undefined;
  /** Why the thread takes nothing any more. */
  let failure: Error | undefined;
  let isClosed = false;
  let lastId = 0;
  const texts = new Map<number, Answers>();

  const take = (message: FromPassThread): void => {
    if (message.type === 'name') {
      // Made here too, so that whoever keeps names hears of it once.
      pseudonyms.name(message.kind, message.name);
      return;
    }
    const answers = texts.get(message.id);
    answers?.received.push(message);
    answers?.wake?.();
  };
  const failed = (error: Error): void => {
    failure ??= error;
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

  async function nextAnswer(answers: Answers): Promise<Exclude<FromPassThread, { type: 'name' }>> {
    while (answers.received.length === 0) {
      if (failure) throw failure;
      await new Promise<void>((resolve) => {
        answers.wake = resolve;
      });
    }
    return answers.received.shift() as Exclude<FromPassThread, { type: 'name' }>;
  }

  async function* inThread(
    first: Uint8Array,
    rest: AsyncIterator<Buffer>,
    tally: RedactionTally,
  ): AsyncGenerator<Buffer> {
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
      give(first);
      for (;;) {
        while (waiting < maxWaiting && !isOver) {
          const next = await rest.next();
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
        else if (failure !== undefined && !isClosed) {
          yield* inline.pass(startingWith(asBuffer(own), startingWith(second.value, pieces)), tally);
        } else yield* inThread(own, startingWith(second.value, pieces), tally);
      } finally {
        await pieces.return?.();
      }
    },
    close: async () => {
      isClosed = true;
      worker?.removeAllListeners();
      failure = new Error('redaction has been closed');
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
