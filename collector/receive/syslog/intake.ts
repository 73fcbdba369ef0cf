import type { HrTime } from '@opentelemetry/api';
import type { Frame } from './frame-reader.ts';
import { toLogRecord } from './log-record.ts';
import { readMessage } from './message.ts';
import type { Outbox } from './outbox.ts';
import type { PeerCounts } from './peer-counts.ts';
import { peerNode } from './peers.ts';
import type { TimeZone } from './time-zone.ts';

/** Where a message came from. */
export interface Origin {
  peer: string;
  address: string;
  transport: 'tcp' | 'udp';
}

/** From a framed message to a record in the outbox; counts on the way. */
export interface Intake {
  take(frame: Frame, origin: Origin): void;
  /** A message that there was no room for. */
  drop(peer: string): void;
  ready(): boolean;
  whenReady(callback: () => void): void;
}

export function createIntake(parts: {
  outbox: Outbox;
  counts: PeerCounts;
  zone: TimeZone;
  nowMs: () => number;
}): Intake {
  const { outbox, counts, zone, nowMs } = parts;
  return {
    take({ bytes, cutBytes, fault }, { peer, address, transport }) {
      const receivedMs = nowMs();
      const text = bytes.toString('utf8');
      const message = readMessage(text, { zone, nowMs: receivedMs });
      // A message whose framing broke is kept as it came, whatever could be read in it.
      const kept = fault === undefined ? message : { ...message, text };
      const record = toLogRecord(kept, text, { time: hrTime(receivedMs), transport, address, cutBytes, fault });
      counts.received(peer);
      if (fault !== undefined || message.malformed !== undefined) counts.malformed(peer);
      if (cutBytes > 0) counts.cut(peer);
      outbox.add(peerNode(peer), record, bytes.length);
    },
    drop: (peer) => counts.dropped(peer, 1),
    ready: outbox.ready,
    whenReady: outbox.whenReady,
  };
}

const hrTime = (unixMs: number): HrTime => [Math.floor(unixMs / 1000), (unixMs % 1000) * 1_000_000];
