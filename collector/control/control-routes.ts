import type { FastifyPluginAsync } from 'fastify';
import { Compile } from 'typebox/compile';
import type { RawData } from 'ws';
import type { Log } from '../../logging/log.ts';
import { AgentMessage, type CollectorMessage } from '../../protocol/control.ts';
import { type ControlConnection, type ControlIntake, closeCodes } from './hub.ts';

const messageCheck = Compile(AgentMessage);

/** Above the largest inventory by far; the WebSocket library closes with 1009 on anything larger. */
export const maxMessageBytes = 1024 * 1024;

const defaultPingEveryMs = 10_000;

export interface ControlRoutesOptions {
  intake: ControlIntake;
  nowMs: () => number;
  log: Log;
  /** The node has shown a sign of life. */
  seen: (node: string) => void;
  pingEveryMs?: number;
}

/**
 * `GET /agent/v1/control`, a WebSocket for nodes with a client certificate. A message that does not follow
 * protocol/control.ts ends the connection with 1008; a node that answers three pings in no way is cut off.
 */
export const controlRoutes =
  ({ intake, nowMs, log, seen, pingEveryMs = defaultPingEveryMs }: ControlRoutesOptions): FastifyPluginAsync =>
  async (app) => {
    app.get('/agent/v1/control', { websocket: true, preHandler: app.requireNode }, (socket, request) => {
      if (request.identity.kind !== 'node') throw new Error('BUG: a control stream without a node');
      const { node } = request.identity;
      const connection: ControlConnection = {
        send: (text) => socket.send(text),
        close: (code, why) => socket.close(code, why),
      };
      let unanswered = 0;
      const alive = () => {
        unanswered = 0;
        seen(node);
      };
      const ping = setInterval(() => {
        if (unanswered >= 3) return socket.terminate();
        unanswered += 1;
        socket.ping();
      }, pingEveryMs);

      socket.on('pong', alive);
      socket.on('ping', alive);
      socket.on('error', (error) => log.debug({ node, error: error.message }, 'control stream failed'));
      socket.on('close', (code) => {
        clearInterval(ping);
        log.info({ node, code }, 'control stream closed');
        intake.closed(node, connection);
      });
      socket.on('message', (data, isBinary) => {
        if (socket.readyState !== socket.OPEN) return;
        const message = isBinary ? undefined : readMessage(data);
        if (message === undefined) {
          log.warn({ node }, 'control stream closed: a message that does not follow the protocol');
          socket.close(closeCodes.policy, 'the message does not follow the protocol');
          return;
        }
        alive();
        if (message.type === 'heartbeat') {
          const reply: CollectorMessage = {
            type: 'heartbeat-reply',
            sentUnixMs: message.sentUnixMs,
            collectorUnixMs: nowMs(),
          };
          connection.send(JSON.stringify(reply));
        }
        intake.received(node, message);
      });

      log.info({ node }, 'control stream opened');
      alive();
      intake.opened(node, connection);
    });
  };

function readMessage(data: RawData): AgentMessage | undefined {
  try {
    const message: unknown = JSON.parse(String(data));
    return messageCheck.Check(message) ? message : undefined;
  } catch {
    return undefined;
  }
}
