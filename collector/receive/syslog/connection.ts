import type { Socket } from 'node:net';
import { createFrameReader } from './frame-reader.ts';
import type { Intake, Origin } from './intake.ts';

export interface ConnectionOptions {
  maxMessageBytes: number;
  /** A connection that says nothing for this long is closed. */
  idleTimeoutMs: number;
}

/**
 * Reads messages from a peer's connection until it ends. While there is no room in the outbox nothing is read, so that
 * the peer feels it. Holds one message and what the socket gave at once, no more.
 */
export function readConnection(
  socket: Socket,
  parts: { intake: Intake; origin: Origin; stillAllowed: () => boolean },
  options: ConnectionOptions,
): void {
  const { intake, origin, stillAllowed } = parts;
  const frames = createFrameReader(options);
  let waits = false;

  function pump(): void {
    waits = false;
    while (intake.ready()) {
      const frame = frames.next();
      if (!frame) {
        socket.resume();
        return;
      }
      intake.take(frame, origin);
    }
    waits = true;
    socket.pause();
    intake.whenReady(pump);
  }

  socket.setKeepAlive(true, keepAliveAfterMs);
  // While the outbox is full the silence is ours.
  socket.setTimeout(options.idleTimeoutMs, () => waits || socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    if (!stillAllowed()) {
      socket.destroy();
      return;
    }
    frames.push(chunk);
    if (!waits) pump();
  });
  socket.once('close', () => {
    frames.end();
    if (!waits) pump();
  });
}

/** Finds out about peers that went without a word. */
const keepAliveAfterMs = 60_000;
