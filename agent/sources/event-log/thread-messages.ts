import type { LogRecord } from '@opentelemetry/api-logs';

/** What the thread that reads the event log is started with. */
export interface ThreadOptions {
  /** Name of this node in `log.record.uid`. */
  host: string;
  channels: ThreadChannel[];
}

export interface ThreadChannel {
  /** As the profile writes it. */
  name: string;
  query?: string;
  /** Older events are passed over when nothing of the channel has been read yet. */
  sinceUnixMs: number;
}

export type ChannelState =
  | { state: 'running'; channel: string }
  /** This machine has no such channel, or its log may not be read, or the query is wrong. */
  | { state: 'missing'; detail: string }
  | { state: 'failing'; detail: string };

/** From the thread. Each reading is answered with one `done`. */
export type FromThread =
  /** Answers `ping`: the thread is not stuck in a call. */
  | { type: 'pong' }
  | { type: 'absent'; detail: string }
  /** Asks for the position of a channel, by its name on this machine; answered with `position`. */
  | { type: 'opening'; index: number; channel: string }
  | { type: 'state'; index: number; state: ChannelState }
  | {
      type: 'reading';
      index: number;
      channel: string;
      records: LogRecord[];
      /** Of the newest of them. */
      lastEventUnixMs?: number;
      gaps: { count?: number }[];
      unrendered: number;
      position: string;
    };

/** To the thread. */
export type ToThread =
  | { type: 'done' }
  | { type: 'position'; index: number; position?: string }
  | { type: 'ping' }
  | { type: 'stop' };
