import type { TLSSocket } from 'node:tls';
import { type WebSocket, WebSocketServer } from 'ws';
import type { AgentMessage, CollectorMessage } from '../../../../protocol/control.ts';
import type { TestCollector } from './test-collector.ts';

/** The collector's end of the control stream, on a test collector's server. */
export interface TestControl {
  /** Everything received, oldest first. */
  messages: AgentMessage[];
  sockets: Set<WebSocket>;
  send(message: CollectorMessage | Record<string, unknown>): void;
  /** Cuts every connection without a goodbye. */
  cut(): void;
}

export function addTestControl(collector: TestCollector, clockAheadMs = 0): TestControl {
  const server = new WebSocketServer({ noServer: true });
  const control: TestControl = {
    messages: [],
    sockets: new Set(),
    send: (message) => {
      for (const socket of control.sockets) socket.send(JSON.stringify(message));
    },
    cut: () => {
      for (const socket of control.sockets) socket.terminate();
    },
  };
  collector.server.on('upgrade', (request, socket, head) => {
    if (!(request.socket as TLSSocket).authorized || request.url !== '/agent/v1/control') {
      socket.destroy();
      return;
    }
    server.handleUpgrade(request, socket, head, (webSocket) => {
      control.sockets.add(webSocket);
      webSocket.on('close', () => control.sockets.delete(webSocket));
      webSocket.on('message', (data) => {
        const message = JSON.parse(String(data)) as AgentMessage;
        control.messages.push(message);
        if (message.type === 'heartbeat') {
          const collectorUnixMs = Date.now() + clockAheadMs;
          webSocket.send(JSON.stringify({ type: 'heartbeat-reply', sentUnixMs: message.sentUnixMs, collectorUnixMs }));
        }
      });
    });
  });
  return control;
}
