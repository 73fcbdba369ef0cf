import type { LogRecord } from '@opentelemetry/api-logs';
import { createChannelNames } from './channel-names.ts';
import { type ChannelReader, createChannelReader, type Reading } from './channel-reader.ts';
import { type EventLogApi, EventLogError, type Subscription, windowsErrors } from './event-log-api.ts';
import { parsePosition } from './position.ts';
import { eventRecord, gapRecord, lostCount } from './record.ts';
import type { ChannelState, FromThread, ThreadChannel, ThreadOptions } from './thread-messages.ts';

/** Windows is asked to wait this long at most, so that the thread can be told to stop. */
const waitMs = 250;
/** A wake-up that was lost costs this long; none is known to be. */
const lookAnywayMs = 60_000;
/** Channels come with roles and go with them. */
const lookForMissingMs = 300_000;
const retryMs = { first: 1_000, longest: 60_000 } as const;
/** Readings that are on their way to the main thread: some four of 1 MiB at most. */
const maxUnderWay = 4;

interface OpenChannel {
  readonly index: number;
  readonly options: ThreadChannel;
  reader: ChannelReader | undefined;
  /** Whether there may be something to read. */
  news: boolean;
  retryAtMs: number;
  pauseMs: number;
  said: string;
}

/**
 * Reads all channels in turn, one batch each, until `stop`. A channel that fails is tried again with growing pauses and
 * keeps no other waiting.
 */
export function createChannelsLoop({
  api,
  options,
  send,
  askPosition,
  nowMs,
}: {
  api: EventLogApi;
  options: ThreadOptions;
  send(message: FromThread): void;
  /** Where reading of a channel is to go on. */
  askPosition(index: number, channel: string): Promise<string | undefined>;
  nowMs(): number;
}) {
  const channels = options.channels.map(
    (channel, index): OpenChannel => ({
      index,
      options: channel,
      reader: undefined,
      news: false,
      retryAtMs: 0,
      pauseMs: retryMs.first,
      said: '',
    }),
  );
  let names: { find: (written: string) => string | undefined; readAtMs: number } | undefined;
  let stopped = false;
  let underWay = 0;
  let whenDone: (() => void) | undefined;

  function say(channel: OpenChannel, state: ChannelState): void {
    const said = state.state === 'running' ? state.state : state.detail;
    if (channel.said === said) return;
    channel.said = said;
    send({ type: 'state', index: channel.index, state });
  }

  /** The machine's name for the channel; looked up anew now and then while it is missing. */
  function find(written: string): string | undefined {
    const found = names?.find(written);
    if (found !== undefined || (names && nowMs() - names.readAtMs < lookForMissingMs)) return found;
    names = { find: createChannelNames(api.channels()), readAtMs: nowMs() };
    return names.find(written);
  }

  async function open(channel: OpenChannel): Promise<void> {
    const { name, query, sinceUnixMs } = channel.options;
    const found = find(name);
    if (found === undefined) {
      channel.retryAtMs = nowMs() + lookForMissingMs;
      say(channel, { state: 'missing', detail: `this machine has no channel ${name}` });
      return;
    }
    const position = parsePosition(await askPosition(channel.index, found));
    channel.reader = createChannelReader({ api, channel: found, query, position, sinceUnixMs });
    channel.news = true;
  }

  async function read(channel: OpenChannel, reader: ChannelReader): Promise<void> {
    // Before it is read to the end: what comes meanwhile is told anew.
    if (reader.subscription()?.takeSignal()) channel.news = true;
    if (!channel.news) return;
    const reading = reader.read();
    channel.pauseMs = retryMs.first;
    say(channel, { state: 'running', channel: reader.channel });
    channel.news = reading !== undefined;
    if (reading === undefined) return;
    if (underWay >= maxUnderWay) await new Promise<void>((resolve) => (whenDone = resolve));
    underWay += 1;
    send(readingMessage(channel.index, reader.channel, reading));
  }

  function readingMessage(index: number, channel: string, { items, position }: Reading): FromThread {
    const records: LogRecord[] = [];
    const gaps: { count?: number }[] = [];
    let unrendered = 0;
    for (const item of items) {
      const place = { host: options.host, channel, generation: item.generation };
      if ('gap' in item) {
        const count = lostCount(item.gap);
        gaps.push(count === undefined ? {} : { count });
        records.push(gapRecord(item.gap, place, nowMs()));
        continue;
      }
      const { event } = item;
      if (!event.content) continue;
      if (event.content.renderingError !== undefined) unrendered += 1;
      records.push(eventRecord(event, event.content, place));
    }
    const { lastEventUnixMs } = position;
    return {
      type: 'reading',
      index,
      channel,
      records,
      gaps,
      unrendered,
      position: JSON.stringify(position),
      ...(lastEventUnixMs !== undefined && { lastEventUnixMs }),
    };
  }

  function fail(channel: OpenChannel, error: unknown): void {
    channel.reader?.close();
    channel.news = true;
    const code = error instanceof EventLogError ? error.code : 0;
    const gone = code === windowsErrors.channelNotFound;
    const forGood = gone || code === windowsErrors.accessDenied || code === windowsErrors.invalidQuery;
    channel.retryAtMs = nowMs() + (forGood ? lookForMissingMs : channel.pauseMs);
    channel.pauseMs = Math.min(channel.pauseMs * 2, retryMs.longest);
    say(channel, {
      state: gone ? 'missing' : 'failing',
      detail: `${channel.options.name}: ${(error as Error).message}`,
    });
  }

  return {
    /** Resolves after `stop`. */
    async run(): Promise<void> {
      let lookedAtMs = nowMs();
      while (!stopped) {
        for (const channel of channels) {
          if (stopped) break;
          if (channel.retryAtMs > nowMs()) continue;
          channel.retryAtMs = 0;
          try {
            if (!channel.reader) await open(channel);
            if (channel.reader) await read(channel, channel.reader);
          } catch (error) {
            fail(channel, error);
          }
        }
        if (!channels.some((channel) => channel.news && channel.retryAtMs === 0)) {
          const open = channels.map(({ reader }) => reader?.subscription());
          api.wait(
            open.filter((subscription): subscription is Subscription => subscription !== undefined),
            waitMs,
          );
        }
        if (nowMs() - lookedAtMs >= lookAnywayMs) {
          lookedAtMs = nowMs();
          for (const channel of channels) channel.news = true;
        }
        // Messages of the main thread come in between.
        await new Promise((resolve) => setImmediate(resolve));
      }
      for (const { reader } of channels) reader?.close();
    },
    /** One reading has been taken over. */
    done(): void {
      underWay -= 1;
      whenDone?.();
      whenDone = undefined;
    },
    stop(): void {
      stopped = true;
      whenDone?.();
    },
  };
}
