/** The second scan on a thread of its own, while the first pass goes on. Started by threaded-scan.ts. */
import { readlinkSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { basename } from 'node:path';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { SextantError } from '../../../errors/sextant-error.ts';
import type { RedactionTally } from '../profile.ts';
import { createRedactionParts } from '../redaction-parts.ts';
import {
  asBuffer,
  type FromScanThread,
  handedOver,
  type ScanThreadOptions,
  type ToScanThread,
} from './scan-messages.ts';
import { createSecondScan } from './second-scan.ts';

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

function lookAgain(port: MessagePort, options: ScanThreadOptions): void {
  const send = (message: FromScanThread): void =>
    message.type === 'clean'
      ? port.postMessage(message, [message.bytes.buffer as ArrayBuffer])
      : port.postMessage(message);
  const scan = createSecondScan(
    createRedactionParts({ ...options, onName: (kind, name) => send({ type: 'name', kind, name }) }),
  );
  const inboxes = new Map<number, Inbox>();

  const look = async (id: number, inbox: Inbox): Promise<void> => {
    const tally: RedactionTally = {};
    try {
      for await (const bytes of scan.pass(inbox.pieces, tally)) {
        if (!inboxes.has(id)) return;
        send({ type: 'clean', id, bytes: handedOver(bytes) });
      }
      send({ type: 'end', id, tally });
    } catch (error) {
      const leak = error instanceof SextantError && error.code === 'SX_REDACTION_LEAK';
      send({ type: 'failed', id, leak, message: (error as Error).message });
    } finally {
      inboxes.delete(id);
    }
  };

  port.on('message', (message: ToScanThread) => {
    const { id, type } = message;
    if (type === 'begin') {
      const begun = createInbox(() => send({ type: 'next', id }));
      inboxes.set(id, begun);
      void look(id, begun);
      return;
    }
    // None: it failed, and what was on its way meanwhile is of no use.
    inboxes.get(id)?.put(type === 'text' ? message.bytes : undefined);
    if (type === 'leave') inboxes.delete(id);
  });
}

/**
 * Behind the first pass, which sets the pace, and behind the collector's answers. Linux has a niceness for each thread;
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
  lookAgain(parentPort, workerData as ScanThreadOptions);
}
