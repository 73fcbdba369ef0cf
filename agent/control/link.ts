import WebSocket from 'ws';
import type { Log } from '../../logging/log.ts';
import type { AgentMessage, CollectorMessage } from '../../protocol/control.ts';
import { type Identity, tlsOptions } from '../identity/identity.ts';
import { createBackoff } from '../uplink/backoff.ts';
import { isCollectorMessage } from './collector-message.ts';

/** The control stream as the agent's parts see it. */
interface ControlLink {
  /** False when there is no connection now; true promises no more than that the message was handed to it. */
  send(message: AgentMessage): boolean;
  /** Called for every message from the collector; the returned function takes the handler away again. */
  onMessage(handler: (message: CollectorMessage) => void): () => void;
}

export interface ControlStream extends ControlLink {
  /** Called at each connection, before any message is received on it. */
  onConnect(handler: () => void): () => void;
  connected(): boolean;
  start(): void;
  /** Drops the connection so that the next one uses `identity`. */
  useIdentity(identity: Identity): void;
  close(): Promise<void>;
}

const connectTimeoutMs = 15_000;
/** The collector pings every 10 s; three missed pings and a margin. */
const silenceMs = 45_000;
const maxMessageBytes = 1024 * 1024;
const firstBackoffMs = 250;

/** Dials the collector, and again whenever the connection is lost, with full jitter between the tries, for ever. */
export function createControlStream(
  { identity, collectorUrl, log }: { identity: Identity; collectorUrl: string; log: Log },
  options: { maxBackoffMs: number },
): ControlStream {
  const url = `${collectorUrl.replace(/^https:/, 'wss:')}/agent/v1/control`;
  const messageHandlers = new Set<(message: CollectorMessage) => void>();
  const connectHandlers = new Set<() => void>();
  const stopping = new AbortController();
  const backoff = createBackoff({ firstMs: firstBackoffMs, maxMs: options.maxBackoffMs });
  let socket: WebSocket | undefined;
  let running: Promise<void> | undefined;
  let failing = false;

  function received(data: WebSocket.RawData, from: WebSocket): void {
    let message: unknown;
    try {
      message = JSON.parse(String(data));
    } catch {
      message = undefined;
    }
    if (!isCollectorMessage(message)) {
      log.warn('control stream closed: a message that does not follow the protocol');
      from.close(1008, 'the message does not follow the protocol');
      return;
    }
    tell(messageHandlers, message);
  }

  // One part's failure must not keep a message from the others.
  function tell<Arguments extends unknown[]>(handlers: Set<(...args: Arguments) => void>, ...args: Arguments): void {
    for (const handler of handlers) {
      try {
        handler(...args);
      } catch (error) {
        log.error({ err: error }, 'a control message could not be handled');
      }
    }
  }

  /** One connection from dialling to its end. Resolves with why it ended. */
  function connectOnce(): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    const current = new WebSocket(url, {
      ...tlsOptions(identity),
      handshakeTimeout: connectTimeoutMs,
      maxPayload: maxMessageBytes,
      perMessageDeflate: false,
    });
    let reason = 'closed';
    let silence: NodeJS.Timeout | undefined;
    const alive = (): void => {
      clearTimeout(silence);
      silence = setTimeout(() => {
        reason = `nothing heard for ${silenceMs / 1000} s`;
        current.terminate();
      }, silenceMs);
    };
    current.on('open', () => {
      alive();
      socket = current;
      backoff.reset();
      failing = false;
      log.info({ url }, 'control stream opened');
      tell(connectHandlers);
    });
    current.on('ping', alive);
    current.on('message', (data) => {
      alive();
      received(data, current);
    });
    current.on('error', (error) => {
      reason = error.message;
    });
    current.on('close', (code, why) => {
      clearTimeout(silence);
      if (socket === current) socket = undefined;
      stopping.signal.removeEventListener('abort', onStop);
      resolve(code === 1006 ? reason : `${code} ${why.toString()}`.trim());
    });
    const onStop = (): void => endPolitely(current);
    stopping.signal.addEventListener('abort', onStop);
    return promise;
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const reason = await connectOnce();
      if (stopping.signal.aborted) return;
      if (!failing) log.warn({ reason }, 'no control stream to the collector; trying again until there is');
      failing = true;
      await backoff.wait(stopping.signal);
    }
  }

  return {
    send(message) {
      if (socket?.readyState !== WebSocket.OPEN) return false;
      socket.send(JSON.stringify(message));
      return true;
    },
    onMessage: adder(messageHandlers),
    onConnect: adder(connectHandlers),
    connected: () => socket?.readyState === WebSocket.OPEN,
    start() {
      running ??= run();
    },
    useIdentity(next) {
      identity = next;
      socket?.close(1000, 'certificate renewed');
    },
    async close() {
      stopping.abort();
      await running;
    },
  };
}

const adder =
  <Handler>(handlers: Set<Handler>) =>
  (handler: Handler): (() => void) => {
    handlers.add(handler);
    return () => {
      handlers.delete(handler);
    };
  };

/** Says goodbye, but does not wait long for the answer: the process wants to end. */
function endPolitely(socket: WebSocket): void {
  if (socket.readyState !== WebSocket.OPEN) {
    socket.terminate();
    return;
  }
  socket.close(1001, 'the agent stops');
  setTimeout(() => socket.terminate(), 1_000).unref();
}
