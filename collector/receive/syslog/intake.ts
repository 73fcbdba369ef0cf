import type { HrTime } from '@opentelemetry/api';
import type { Frame } from './frame-reader.ts';
import { toLogRecord } from './log-record.ts';
import { readMessage } from './message.ts';
import type { Outbox } from './outbox.ts';
import type { PeerCounts } from './peer-counts.ts';
import { peerNode } from './peers.ts';
import type { TimeZone } from './time-zone.ts';
import { whileItMoves } from './while-it-moves.ts';

/** Where a message came from. */
export interface Origin {
  peer: string;
  address: string;
  transport: 'tcp' | 'udp';
}

/** From framed messages to records in the outbox, with pauses for everybody else; counts on the way. */
export interface Intake {
  take(frame: Frame, origin: Origin): void;
  /** A message that there was no room for. */
  drop(peer: string): void;
  /** Messages that were taken since the start. */
  taken(): number;
  /** Whether the outbox has room: for those who cannot wait. */
  hasRoom(): boolean;
  /** Whether there is room, and time in this turn of the event loop. */
  ready(): boolean;
  /** Calls back once, when it is the caller's turn. */
  whenReady(callback: () => void): void;
  /**
   * Resolves when nobody waits for a turn any more, or when no turn came for too long: what those hold who still wait is
   * counted as dropped then, and so is whatever may come after.
   */
  settle(patience: { stillMs: number; atMostMs: number }): Promise<void>;
}

/**
 * What may be taken in one turn, in pieces of 512 bytes begun: 5 to 10 ms. After a stall 60,000 small messages would
 * find room at once, and everybody else would wait for half a second.
 */
const turnPieces = 1000;
const pieceBytes = 512;

export function createIntake(parts: {
  outbox: Outbox;
  counts: PeerCounts;
  zone: TimeZone;
  nowMs: () => number;
  /** Told of every message that is taken. */
  heard: (peer: string) => void;
}): Intake {
  const { outbox, counts, zone, nowMs, heard } = parts;
  let piecesLeft = turnPieces;
  let taken = 0;
  /** In the order in which they will have their turns. */
  const waiting: (() => void)[] = [];
  let woken = false;
  let settled: (() => void) | undefined;
  let hasEnded = false;

  const ready = (): boolean => hasEnded || (piecesLeft > 0 && outbox.ready());

  function wakeLater(): void {
    if (woken) return;
    woken = true;
    outbox.whenReady(wake);
  }

  function wake(): void {
    woken = false;
    piecesLeft = turnPieces;
    while (waiting.length > 0 && ready()) waiting.shift()?.();
    if (waiting.length > 0) wakeLater();
    else settled?.();
  }

  return {
    take({ bytes, cutBytes, fault }, { peer, address, transport }) {
      if (hasEnded) {
        counts.received(peer);
        counts.dropped(peer, 1);
        return;
      }
      const receivedMs = nowMs();
      const text = bytes.toString('utf8');
      const message = readMessage(text, { zone, nowMs: receivedMs });
      // A message whose framing broke is kept as it came, whatever could be read in it.
      const kept = fault === undefined ? message : { ...message, text };
      const record = toLogRecord(kept, text, { time: hrTime(receivedMs), transport, address, cutBytes, fault });
      taken += 1;
      counts.received(peer);
      heard(peer);
      if (fault !== undefined || message.malformed !== undefined) counts.malformed(peer);
      if (cutBytes > 0) counts.cut(peer);
      piecesLeft -= Math.ceil(bytes.length / pieceBytes);
      outbox.add(peerNode(peer), record);
    },
    drop: (peer) => counts.dropped(peer, 1),
    taken: () => taken,
    hasRoom: outbox.ready,
    ready,
    whenReady(callback) {
      waiting.push(callback);
      wakeLater();
    },
    async settle(patience) {
      if (waiting.length > 0) {
        const { promise, resolve } = Promise.withResolvers<void>();
        const done = whileItMoves(() => taken, patience, resolve);
        settled = resolve;
        await promise;
        done();
      }
      hasEnded = true;
      while (waiting.length > 0) waiting.shift()?.();
    },
  };
}

const hrTime = (unixMs: number): HrTime => [Math.floor(unixMs / 1000), (unixMs % 1000) * 1_000_000];
