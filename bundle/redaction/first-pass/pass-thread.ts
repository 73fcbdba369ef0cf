/** The first pass on a thread of its own, while the second scan goes on. Started by threaded-first-pass.ts. */
import { readlinkSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { basename } from 'node:path';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { RedactionTally } from '../profile.ts';
import { createRedactionParts } from '../redaction-parts.ts';
import { createFirstPass } from './first-pass.ts';
import {
  asBuffer,
  type FromPassThread,
  givenAway,
  type PassThreadOptions,
  type ToPassThread,
} from './pass-messages.ts';

const nicest = 19;
const behind = 4;

/** The pieces of one text as they come. */
interface Inbox {
  pieces: AsyncGenerator<Buffer>;
  put(bytes: Uint8Array | undefined): void;
}

function createInbox(taken: () => void): Inbox {
  const waiting: (Uint8Array | undefined)[] = [];
  let wake: (() => void) | undefined;
  async function* pieces(): AsyncGenerator<Buffer> {
    for (;;) {
      while (waiting.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      const bytes = waiting.shift();
      if (bytes === undefined) return;
      yield asBuffer(bytes);
      taken();
    }
  }
  return {
    pieces: pieces(),
    put: (bytes) => {
      waiting.push(bytes);
      wake?.();
    },
  };
}

function redactTexts(port: MessagePort, options: PassThreadOptions): void {
  const send = (message: FromPassThread): void =>
    message.type === 'redacted'
      ? port.postMessage(message, [message.bytes.buffer as ArrayBuffer])
      : port.postMessage(message);
  const first = createFirstPass(
    createRedactionParts({ ...options, onName: (kind, name) => send({ type: 'name', kind, name }) }),
  );
  const inboxes = new Map<number, Inbox>();

  const redact = async (id: number, inbox: Inbox): Promise<void> => {
    const tally: RedactionTally = {};
    try {
      for await (const bytes of first.pass(inbox.pieces, tally)) {
        if (!inboxes.has(id)) return;
        send({ type: 'redacted', id, bytes: givenAway(bytes) });
      }
      send({ type: 'end', id, tally });
    } catch (error) {
      send({ type: 'failed', id, message: (error as Error).message });
    } finally {
      inboxes.delete(id);
    }
  };

  port.on('message', (message: ToPassThread) => {
    const { id, type } = message;
    if (type === 'begin') {
      const begun = createInbox(() => send({ type: 'next', id }));
      inboxes.set(id, begun);
      void redact(id, begun);
      return;
    }
    // None: it failed, and what was on its way meanwhile is of no use.
    inboxes.get(id)?.put(type === 'text' ? message.bytes : undefined);
    if (type === 'leave') inboxes.delete(id);
  });
  send({ type: 'ready' });
}

/**
 * Behind the collector's answers and its taking in of data. Linux has a niceness for each thread;
 * elsewhere it stays as it is.
 */
function standBehind(): void {
  try {
    const thread = Number(basename(readlinkSync('/proc/thread-self')));
    setPriority(thread, Math.min(nicest, getPriority(thread) + behind));
  } catch {
    // No Linux, or no such right.
  }
}

if (parentPort) {
  standBehind();
  redactTexts(parentPort, workerData as PassThreadOptions);
}
