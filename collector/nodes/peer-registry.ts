import type { NodeRow } from '../api/shapes/nodes.ts';
import { peerNode } from '../receive/syslog/peers.ts';
import type { State } from '../state/state.ts';

/**
 * Who sends syslog, and when last. As with nodes, what changed is written to state.db every few seconds. A peer that
 * has been silent for as long as its records are kept is forgotten, unless the configuration names it.
 */
export interface PeerRegistry {
  /** Sorted by name; `node` is the name under which the records are stored, `syslog:PEER`. */
  list(): NodeRow[];
  /** A message of this peer has just been taken. */
  heard(peer: string): void;
  start(): void;
  close(): void;
}

/** A whole network may be a peer. Beyond this a peer's records are stored, but nobody watches over it. */
const maxPeers = 10_000;

export function createPeerRegistry(
  parts: {
    state: State;
    /** Peers that the configuration names: those are there before they have said anything. */
    configured: readonly string[];
  },
  capabilities: { nowMs: () => number; onSaveFailed: (error: unknown) => void; onTooMany: (peer: string) => void },
  options: { silentAfterMs: number; forgetAfterMs: number; saveEveryMs?: number },
): PeerRegistry {
  const { nowMs } = capabilities;
  const { state } = parts;
  const configured = new Set(parts.configured);
  const lastSeenMs = new Map<string, number>();
  for (const row of state.database.prepare('SELECT peer, last_seen_unix_ms FROM syslog_peers').all()) {
    lastSeenMs.set(String(row.peer), Number(row.last_seen_unix_ms));
  }
  const upsert = state.database.prepare(
    `INSERT INTO syslog_peers (peer, last_seen_unix_ms) VALUES (?, ?)
     ON CONFLICT (peer) DO UPDATE SET last_seen_unix_ms = excluded.last_seen_unix_ms`,
  );
  const remove = state.database.prepare('DELETE FROM syslog_peers WHERE peer = ?');
  const changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let toldTooMany = false;

  const row = (peer: string): NodeRow => {
    const seenMs = lastSeenMs.get(peer);
    const silent = seenMs !== undefined && nowMs() - seenMs > options.silentAfterMs;
    return {
      node: peerNode(peer),
      kind: 'syslog',
      os: '',
      version: '',
      state: seenMs === undefined ? 'never-seen' : silent ? 'silent' : 'online',
      lastSeen: seenMs === undefined ? null : new Date(seenMs).toISOString(),
      clockOffsetMs: null,
      hostName: '',
      enrolledAt: null,
      certificateDaysLeft: null,
      spool: null,
      sources: [],
    };
  };
  const save = (): void => {
    const forgotten = [...lastSeenMs].filter(([, seenMs]) => nowMs() - seenMs > options.forgetAfterMs);
    if (changed.size === 0 && forgotten.length === 0) return;
    state.transaction(() => {
      for (const peer of changed) upsert.run(peer, lastSeenMs.get(peer) ?? nowMs());
      for (const [peer] of forgotten) remove.run(peer);
    });
    changed.clear();
    for (const [peer] of forgotten) lastSeenMs.delete(peer);
  };

  return {
    list: () => [...new Set([...configured, ...lastSeenMs.keys()])].sort().map(row),
    heard(peer) {
      if (lastSeenMs.size >= maxPeers && !lastSeenMs.has(peer)) {
        if (!toldTooMany) capabilities.onTooMany(peer);
        toldTooMany = true;
        return;
      }
      lastSeenMs.set(peer, nowMs());
      changed.add(peer);
    },
    start() {
      timer = setInterval(() => {
        try {
          save();
        } catch (error) {
          // A full disk is no reason to stop: what is in memory is tried again.
          capabilities.onSaveFailed(error);
        }
      }, options.saveEveryMs ?? 5000);
    },
    close() {
      clearInterval(timer);
      save();
    },
  };
}
