export interface PeerFigures {
  received: number;
  malformed: number;
  cut: number;
  dropped: number;
}

/** What happened to the messages of each peer since the start. */
export interface PeerCounts {
  received(peer: string): void;
  malformed(peer: string): void;
  cut(peer: string): void;
  dropped(peer: string, messages: number): void;
  all(): ReadonlyMap<string, Readonly<PeerFigures>>;
}

/** A whole network may be a peer, and each count is a time series. */
const maxPeers = 1000;
const others = 'others';

export function createPeerCounts(): PeerCounts {
  const counts = new Map<string, PeerFigures>();
  const of = (peer: string): PeerFigures => {
    const known = counts.get(peer);
    if (known) return known;
    if (counts.size >= maxPeers && peer !== others) return of(others);
    const made = { received: 0, malformed: 0, cut: 0, dropped: 0 };
    counts.set(peer, made);
    return made;
  };
  return {
    received: (peer) => void of(peer).received++,
    malformed: (peer) => void of(peer).malformed++,
    cut: (peer) => void of(peer).cut++,
    dropped(peer, messages) {
      of(peer).dropped += messages;
    },
    all: () => counts,
  };
}
