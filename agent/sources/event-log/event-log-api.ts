/**
 * Windows' event log as this source needs it; wevtapi.ts is it on Windows. Every call is synchronous and may take a
 * while, so it belongs in a thread of its own. Throws EventLogError for what Windows refuses.
 */
export interface EventLogApi {
  /** Names of all channels of this machine. */
  channels(): string[];
  logInfo(channel: string): LogInfo;
  /** Opens a pull subscription. `query` is XPath; every event of the channel without. */
  subscribe(channel: string, query: string | undefined, from: StartAt): Subscription;
  /** Text that `subscribe` takes as a place just behind this record, which need not have been read. */
  bookmarkOf(channel: string, recordId: number): string;
  /** Returns when one of the subscriptions has news, after `timeoutMs` at the latest. */
  wait(subscriptions: readonly Subscription[], timeoutMs: number): void;
  close(): void;
}

export interface LogInfo {
  /** When the log's file was made, in Windows' ticks; a new file is a new numbering. */
  created: string;
  /** Number of the oldest record that is there; of no meaning when `records` is 0. */
  oldestRecord: number;
  records: number;
}

/** `after` fails with `notFound` when the log does not hold the bookmark's record any more. */
export type StartAt = { after: string } | 'oldest';

export interface Subscription {
  /** Whether Windows has told of news. Asking takes the news: all that is there must be read afterwards. */
  takeSignal(): boolean;
  /** The next events, undefined when there are none now. Those older than `sinceUnixMs` come without their content. */
  next(max: number, sinceUnixMs: number): EventBatch | undefined;
  close(): void;
}

export interface EventBatch {
  events: WindowsEvent[];
  /** Place behind the last of them, for `subscribe`. */
  bookmark: string;
  /** About how much memory its texts take. */
  bytes: number;
}

export type EventValue = string | number | boolean;

export interface WindowsEvent {
  recordId: number;
  /** Seconds since 1970 and nanoseconds; Windows counts in steps of 100 ns. */
  time: [number, number];
  provider: string;
  /** What is left is missing for an event that is passed over. */
  content?: EventContent;
}

export interface EventContent {
  providerGuid?: string;
  eventId: number;
  version: number;
  level: number;
  task: number;
  taskName?: string;
  opcode: number;
  opcodeName?: string;
  /** Sixty-four bits, in hexadecimal: `0x8000000000000000`. */
  keywords: string;
  keywordNames?: string[];
  activityId?: string;
  relatedActivityId?: string;
  processId?: number;
  threadId?: number;
  computer?: string;
  userSid?: string;
  /** The event's own fields, by name where it names them. */
  data: [name: string, value: EventValue][];
  message?: string;
  /** Why there is no message. */
  renderingError?: string;
}

/** Windows' error numbers that this source acts on (winerror.h). */
export const windowsErrors = {
  accessDenied: 5,
  insufficientBuffer: 122,
  noMoreItems: 259,
  notFound: 1168,
  /** RPC_S_INVALID_BOUND: the batch was too large for the call, and its events have been passed over. */
  invalidBound: 1734,
  invalidQuery: 15001,
  publisherNotFound: 15002,
  channelNotFound: 15007,
  /** The log was cleared or has overwritten what was to come: the subscription is of no use any more. */
  queryResultStale: 15011,
} as const;

export class EventLogError extends Error {
  /** The function of wevtapi that failed. */
  readonly call: string;
  readonly code: number;
  constructor(call: string, code: number) {
    super(`${call}: Windows error ${code}${meanings[code] ? `, ${meanings[code]}` : ''}`);
    this.call = call;
    this.code = code;
  }
}

const meanings: Readonly<Record<number, string>> = {
  2: 'file not found',
  5: 'access denied',
  1168: 'not found',
  1717: 'the event log service does not answer',
  1722: 'the event log service does not run',
  1734: 'too large for one call',
  1813: 'the message file lacks this resource',
  15001: 'the query is not valid',
  15002: 'the provider is not registered on this machine',
  15007: 'there is no such channel',
  15011: 'the log has changed under the reader',
  15027: 'the provider has no message for this event',
  15028: 'the provider has no message for this event',
  15029: 'the message names a value that the event lacks',
  15030: 'the message names a parameter that the provider lacks',
  15033: 'the message is not there in this language',
  15100: 'the message file is missing',
};

/** A rendering error as an attribute tells it. */
export const describeError = (code: number): string => `${code}${meanings[code] ? `: ${meanings[code]}` : ''}`;
