import { senderPrefix } from '../identity/sender-name.ts';
import type { IngestIdentity } from './otlp-intake.ts';

export interface ClientCounts {
  batches: number;
  records: number;
  bytes: number;
  duplicates: number;
  /** Batches that will never be taken: malformed, too large. */
  refused: number;
  /** Answers that told the client to come again: full disk, full journal, too much at once. */
  deferred: number;
  /** Parts of values that were left out of what was stored. */
  leftOut: number;
}

/** What each OTLP client has delivered since the start, by the name under which its records are stored. */
export interface ClientFigures {
  of(client: string): ClientCounts;
  all(): ReadonlyMap<string, Readonly<ClientCounts>>;
  /** Told how long each acknowledgement took, from the whole request to its being durable. */
  onAcknowledged(listener: (client: string, seconds: number) => void): void;
  acknowledged(client: string, seconds: number): void;
}

/** Each client is several time series; tokens and nodes are made by administrators, so this many is a mistake. */
const maxClients = 1000;
const others = 'others';

export function createClientFigures(): ClientFigures {
  const counts = new Map<string, ClientCounts>();
  let listen = (_client: string, _seconds: number): void => {};
  const nameOf = (client: string): string => (counts.has(client) || counts.size < maxClients ? client : others);
  return {
    of(client) {
      const name = nameOf(client);
      let own = counts.get(name);
      if (!own) {
        own = { batches: 0, records: 0, bytes: 0, duplicates: 0, refused: 0, deferred: 0, leftOut: 0 };
        counts.set(name, own);
      }
      return own;
    },
    all: () => counts,
    onAcknowledged(listener) {
      listen = listener;
    },
    acknowledged: (client, seconds) => listen(nameOf(client), seconds),
  };
}

/** Name under which a client's records are stored. */
export const clientName = (from: IngestIdentity): string =>
  from.kind === 'node' ? from.node : `${senderPrefix}${from.name}`;
