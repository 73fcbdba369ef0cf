import { SextantError } from '../../errors/sextant-error.ts';
import type { Log } from '../../logging/log.ts';
import { isSender } from '../identity/sender-name.ts';
import type { PeerRegistry } from '../nodes/peer-registry.ts';
import type { NodeRegistry } from '../nodes/registry.ts';
import { isPeerNode } from '../receive/syslog/peers.ts';
import type { Store } from '../store/store.ts';
import type { Window } from './node-window.ts';
import { readSenders } from './senders.ts';

/**
 * The names that a bundle is about: those that were asked for, else every enrolled node, every syslog peer and every OTLP
 * sender of the window. Throws SX_NOT_FOUND for a name that nobody has.
 */
export async function askedNodes(
  capabilities: {
    registry: Pick<NodeRegistry, 'list'>;
    peers: Pick<PeerRegistry, 'list'>;
    store: Pick<Store, 'query'>;
    log: Log;
  },
  request: Window & { nodes: readonly string[] },
): Promise<string[]> {
  const known = [...capabilities.registry.list(), ...capabilities.peers.list()].map((row) => row.node);
  // A store that cannot be asked does not keep a bundle from being made.
  const senders = await readSenders(capabilities.store, request).catch((error) => {
    capabilities.log.warn(
      { err: error },
      'nobody knows which OTLP senders there were; the bundle is made without them',
    );
    return [];
  });
  known.push(...senders);
  const unknown = request.nodes.find((node) => !known.includes(node));
  if (unknown !== undefined)
    throw new SextantError('SX_NOT_FOUND', `there is no node ${unknown}`, {
      nextStep: 'see `sextant nodes` for the names',
    });
  return [...new Set(request.nodes.length > 0 ? request.nodes : known)];
}

/** Peers and senders have no agent that could be asked: of them there is what they have sent. */
export function byKind(names: readonly string[]): { nodes: string[]; senders: string[]; peers: string[] } {
  return {
    peers: names.filter(isPeerNode),
    senders: names.filter(isSender),
    nodes: names.filter((node) => !isPeerNode(node) && !isSender(node)),
  };
}
