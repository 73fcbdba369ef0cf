import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { LogPipeline, Source, SourceContext } from '../source.ts';
import { parsePosition, positionKey } from './position.ts';
import type { ChannelState, FromThread, ThreadOptions, ToThread } from './thread-messages.ts';

const besideThis = join(import.meta.dirname, `event-log-thread${extname(import.meta.filename)}`);
/** Where all is one file, as in the package for Windows, the program knows that it runs as this thread. */
const threadProgram = existsSync(besideThis) ? besideThis : import.meta.filename;
/** Beyond this a thread that does not stop is ended; Windows' calls take some 250 ms. */
const stopMs = 2_000;
const backoffMs = { first: 1_000, longest: 60_000 } as const;

interface Channel {
  /** As the profile writes it. */
  written: string;
  logs: LogPipeline;
  state: ChannelState | undefined;
  lastEventUnixMs: number | undefined;
}

/**
 * Reads channels of the Windows event log: every event once over restarts of agent and system, with its message and
 * its own fields. What the log has overwritten before it was read is a record of its own and counted in
 * `sextant.eventlog.lost`.
 */
export function createEventLogSource(context: SourceContext): Source {
  const { logs, meter, settings, profile, log, nowMs } = context;
  const section = profile.eventLog;
  const configured = section.channels.filter(({ enabled }) => enabled !== false);
  const channels = configured.map(
    ({ name, priority }): Channel => ({
      written: name,
      logs: logs.ofClass(priority ?? section.priority),
      state: undefined,
      lastEventUnixMs: undefined,
    }),
  );
  /** Where each channel stands in this run, durable or not: a new thread goes on there. */
  const positions = new Map<string, string>();
  const lost = meter.createCounter('sextant.eventlog.lost', {
    unit: '{event}',
    description: 'Events that were overwritten, cleared or not handed over before they had been read.',
  });
  const unrendered = meter.createCounter('sextant.eventlog.unrendered', {
    unit: '{event}',
    description: 'Events whose message could not be put into words; they are stored without it.',
  });
  const age = meter.createObservableGauge('sextant.eventlog.last_event.age', {
    unit: 's',
    description: 'Time since the last event of a channel; a channel that can be read and gives none grows old.',
  });
  let state: 'starting' | 'running' | 'absent' | 'failing' = 'starting';
  let detail: string | undefined;
  let records = 0;
  let dropped = 0;
  let lastRecordUnixMs: number | undefined;
  let stop: (() => Promise<void>) | undefined;
  let worker: Worker | undefined;
  let asked: (() => void)[] = [];

  const observeAge: Parameters<typeof age.addCallback>[0] = (result) => {
    for (const { state: is, lastEventUnixMs } of channels) {
      if (is?.state !== 'running' || lastEventUnixMs === undefined) continue;
      result.observe(Math.max(0, (nowMs() - lastEventUnixMs) / 1000), { 'windows.eventlog.channel': is.channel });
    }
  };

  async function take(message: Extract<FromThread, { type: 'reading' }>, stopped: Promise<void>): Promise<void> {
    const channel = channels[message.index];
    if (!channel) return;
    const logger = channel.logs.logger('event-log');
    const observedTimestamp = nowMs();
    for (const record of message.records) logger.emit({ ...record, observedTimestamp });
    const key = positionKey(message.channel);
    positions.set(key, message.position);
    channel.logs.mark(key, message.position);
    records += message.records.length - message.gaps.length;
    if (message.records.length > 0) lastRecordUnixMs = observedTimestamp;
    channel.lastEventUnixMs = message.lastEventUnixMs ?? channel.lastEventUnixMs;
    const attributes = { 'windows.eventlog.channel': message.channel };
    if (message.unrendered > 0) unrendered.add(message.unrendered, attributes);
    for (const { count } of message.gaps) {
      lost.add(count ?? 0, attributes);
      dropped += count ?? 0;
      log.warn({ channel: message.channel, events: count }, 'events of a channel were gone before they had been read');
    }
    // A stop does not wait for a full disk.
    await Promise.race([channel.logs.ready(), stopped]);
  }

  function note(index: number, now: ChannelState): void {
    const channel = channels[index];
    if (!channel) return;
    channel.state = now;
    if (now.state === 'missing') log.info({ channel: channel.written }, now.detail);
    else if (now.state === 'failing') log.warn({ channel: channel.written }, now.detail);
    else log.debug({ channel: now.channel }, 'a channel is being read');
  }

  /** Runs one thread until it ends; resolves with the reason. */
  function runThread(options: ThreadOptions, stopped: Promise<void>): Promise<string> {
    const started = new Worker(threadProgram, { workerData: options, name: 'event-log', execArgv: [] });
    worker = started;
    const answer = (message: ToThread): void => started.postMessage(message);
    // One after the other, in the order of the log.
    let taking: Promise<void> = Promise.resolve();
    started.on('message', (message: FromThread) => {
      if (message.type === 'opening') {
        const key = positionKey(message.channel);
        const position = positions.get(key) ?? channels[message.index]?.logs.position(key);
        const channel = channels[message.index];
        if (channel) channel.lastEventUnixMs = parsePosition(position)?.lastEventUnixMs;
        answer({ type: 'position', index: message.index, ...(position !== undefined && { position }) });
      } else if (message.type === 'pong') answerAsked();
      else if (message.type === 'state') note(message.index, message.state);
      else if (message.type === 'absent') {
        state = 'absent';
        detail = message.detail;
      } else {
        taking = taking.then(() => take(message, stopped)).then(() => answer({ type: 'done' }));
      }
    });
    return new Promise((resolve) => {
      let reason = 'it ended';
      started.on('error', (error) => {
        reason = (error as Error).message;
      });
      started.on('exit', () => {
        worker = undefined;
        answerAsked();
        void taking.then(() => resolve(reason));
      });
    });
  }

  function run(): () => Promise<void> {
    const sinceUnixMs = (readExisting: number): number => Math.max(0, nowMs() - readExisting);
    const options: ThreadOptions = {
      host: settings['agent.node'] || hostname(),
      channels: configured.map(({ name, query, readExisting }) => ({
        name,
        sinceUnixMs: sinceUnixMs(readExisting ?? section.readExisting),
        ...(query !== undefined && { query }),
      })),
    };
    const stopping = new AbortController();
    const stopped = Promise.withResolvers<void>();
    const running = (async () => {
      let pauseMs: number = backoffMs.first;
      while (!stopping.signal.aborted) {
        const before = records;
        state = 'running';
        detail = undefined;
        const reason = await runThread(options, stopped.promise);
        if (stopping.signal.aborted || (state as string) === 'absent') return;
        state = 'failing';
        detail = `the reading thread ended: ${reason}`;
        log.error({ reason }, 'the thread that reads the event log ended; it is started again');
        pauseMs = records > before ? backoffMs.first : Math.min(pauseMs * 2, backoffMs.longest);
        await pause(pauseMs, stopping.signal);
      }
    })();
    return async () => {
      stopping.abort();
      stopped.resolve();
      worker?.postMessage({ type: 'stop' } satisfies ToThread);
      const overdue = setTimeout(() => void worker?.terminate(), stopMs);
      // A thread that is stuck in a call cannot even be ended; it is left behind, and not listened to any more.
      const given = new AbortController();
      await Promise.race([running, pause(stopMs + 1_000, given.signal)]);
      given.abort();
      clearTimeout(overdue);
      worker?.removeAllListeners();
      worker?.unref();
      worker = undefined;
    };
  }

  function answerAsked(): void {
    for (const resolve of asked) resolve();
    asked = [];
  }

  function describe(): string | undefined {
    if (detail !== undefined) return detail;
    const told = channels.flatMap(({ state: is }) => (is && is.state !== 'running' ? [is.detail] : []));
    return told.length === 0 ? undefined : told.join('; ').slice(0, 1024);
  }

  return {
    name: 'event-log',
    async start() {
      if (!section.enabled || channels.length === 0) {
        state = 'absent';
        detail = section.enabled ? 'the profile names no channel' : 'switched off in the profile';
        return;
      }
      age.addCallback(observeAge);
      stop = run();
    },
    async close() {
      const stopNow = stop;
      stop = undefined;
      await stopNow?.();
      age.removeCallback(observeAge);
    },
    async answer() {
      if (!worker) return;
      await new Promise<void>((resolve) => {
        asked.push(resolve);
        worker?.postMessage({ type: 'ping' } satisfies ToThread);
      });
    },
    health() {
      const all = channels.map(({ state: is }) => is?.state);
      const allFail = state === 'running' && all.length > 0 && all.every((is) => is === 'failing');
      const told = describe();
      return {
        name: 'event-log',
        state: allFail ? 'failing' : state,
        records,
        dropped,
        ...(lastRecordUnixMs !== undefined && { lastRecordUnixMs }),
        ...(told !== undefined && { detail: told }),
      };
    },
  };
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
