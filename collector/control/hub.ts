import type { AgentMessage, CollectorMessage } from '../../protocol/control.ts';

/** One open control stream, as the hub sees it. */
export interface ControlConnection {
  send(text: string): void;
  close(code: number, why: string): void;
}

type MessageHandler = (node: string, message: AgentMessage) => void;
type NodeHandler = (node: string) => void;

/** Who is connected, and what goes to and comes from whom. Handlers are called in the order they were added. */
export interface ControlHub {
  /** Sorted by name. */
  connected(): string[];
  /** False when the node is not connected; true promises no more than that the message was handed to its connection. */
  send(node: string, message: CollectorMessage): boolean;
  /** Each of these returns a function that takes the handler away again. */
  onMessage(handler: MessageHandler): () => void;
  onConnect(handler: NodeHandler): () => void;
  onDisconnect(handler: NodeHandler): () => void;
  /** Ends a node's stream, for example because its certificate was revoked. */
  disconnect(node: string, why: string): void;
}

/** The side of the hub that the WebSocket route feeds. */
export interface ControlIntake {
  /** A node's newer connection takes the place of its older one. */
  opened(node: string, connection: ControlConnection): void;
  /** Ignored for a connection that was replaced. */
  closed(node: string, connection: ControlConnection): void;
  received(node: string, message: AgentMessage): void;
}

export const closeCodes = { policy: 1008, replaced: 4001, revoked: 4003 } as const;

export function createControlHub(capabilities: {
  onHandlerError: (error: unknown) => void;
}): ControlHub & { intake: ControlIntake } {
  const connections = new Map<string, ControlConnection>();
  const messageHandlers = new Set<MessageHandler>();
  const connectHandlers = new Set<NodeHandler>();
  const disconnectHandlers = new Set<NodeHandler>();

  // One part's failure must not keep a message from the others, nor end the node's stream.
  const tell = <Arguments extends unknown[]>(handlers: Set<(...args: Arguments) => void>, ...args: Arguments): void => {
    for (const handler of handlers) {
      try {
        handler(...args);
      } catch (error) {
        capabilities.onHandlerError(error);
      }
    }
  };
  const adder =
    <Handler>(handlers: Set<Handler>) =>
    (handler: Handler) => {
      handlers.add(handler);
      return () => {
        handlers.delete(handler);
      };
    };

  return {
    connected: () => [...connections.keys()].sort(),
    send(node, message) {
      const connection = connections.get(node);
      connection?.send(JSON.stringify(message));
      return connection !== undefined;
    },
    onMessage: adder(messageHandlers),
    onConnect: adder(connectHandlers),
    onDisconnect: adder(disconnectHandlers),
    disconnect: (node, why) => connections.get(node)?.close(closeCodes.revoked, why),
    intake: {
      opened(node, connection) {
        const older = connections.get(node);
        connections.set(node, connection);
        if (older) {
          older.close(closeCodes.replaced, 'replaced by a newer connection of this node');
          tell(disconnectHandlers, node);
        }
        tell(connectHandlers, node);
      },
      closed(node, connection) {
        if (connections.get(node) !== connection) return;
        connections.delete(node);
        tell(disconnectHandlers, node);
      },
      received: (node, message) => tell(messageHandlers, node, message),
    },
  };
}
