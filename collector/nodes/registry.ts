import type { AgentMessage, SourceHealth } from '../../protocol/control.ts';
import type { NodeRow, NodeState } from '../api/shapes/nodes.ts';
import type { NodeCertificates } from '../identity/node-certificates.ts';
import type { State } from '../state/state.ts';
import { createNodeRows, type NodeRecord } from './node-rows.ts';

type Said = Extract<AgentMessage, { type: 'hello' | 'heartbeat' | 'inventory' }>;

export interface NodeInventory {
  collectedAt: string;
  facts: Record<string, unknown>;
}

/**
 * Every enrolled node and what it last said of itself. Held in memory; what changed is written to state.db every
 * few seconds, so that "last seen" survives a restart without a write for each request.
 */
export interface NodeRegistry {
  /** Sorted by name; without nodes whose every certificate was revoked. */
  list(): NodeRow[];
  inventory(node: string): NodeInventory | undefined;
  /** The node has just proved to be alive, by a request or a message. */
  seen(node: string): void;
  /** Takes what a node says over its control stream. */
  heard(node: string, message: Said): void;
  /** Reads a node that has just enrolled. */
  enrolled(node: string): void;
  start(): void;
  close(): void;
}

const dayMs = 86_400_000;

export function createNodeRegistry(
  parts: { state: State; certificates: NodeCertificates },
  capabilities: { nowMs: () => number; onSaveFailed: (error: unknown) => void },
  options: { silentAfterMs: number; saveEveryMs?: number },
): NodeRegistry {
  const { nowMs } = capabilities;
  const rows = createNodeRows(parts.state);
  const nodes = new Map(rows.all().map((record) => [record.node, record]));
  const changed = new Set<NodeRecord>();
  let timer: NodeJS.Timeout | undefined;

  const stateOf = (record: NodeRecord): NodeState => {
    if (record.lastSeenUnixMs === null) return 'never-seen';
    return nowMs() - record.lastSeenUnixMs <= options.silentAfterMs ? 'online' : 'silent';
  };
  const touch = (node: string): NodeRecord | undefined => {
    const record = nodes.get(node);
    if (!record) return undefined;
    record.lastSeenUnixMs = nowMs();
    changed.add(record);
    return record;
  };
  const save = () => {
    if (changed.size === 0) return;
    parts.state.transaction(() => {
      for (const record of changed) rows.save(record);
    });
    changed.clear();
  };

  return {
    list() {
      const ends = parts.certificates.ends();
      return [...nodes.values()]
        .filter((record) => ends.has(record.node))
        .sort((a, b) => (a.node < b.node ? -1 : 1))
        .map((record) => ({
          node: record.node,
          kind: 'node' as const,
          os: record.os,
          version: record.version,
          state: stateOf(record),
          lastSeen: record.lastSeenUnixMs === null ? null : new Date(record.lastSeenUnixMs).toISOString(),
          clockOffsetMs: record.clockOffsetMs,
          hostName: record.hostName,
          enrolledAt: new Date(record.enrolledUnixMs).toISOString(),
          certificateDaysLeft: Math.max(0, Math.floor(((ends.get(record.node) ?? 0) - nowMs()) / dayMs)),
          spool: record.spool,
          sources: record.sources,
        }));
    },
    inventory(node) {
      if (!nodes.has(node)) return undefined;
      const found = rows.inventory(node);
      return found && { collectedAt: new Date(found.unixMs).toISOString(), facts: found.facts };
    },
    seen(node) {
      touch(node);
    },
    heard(node, message) {
      const record = touch(node);
      if (!record) return;
      if (message.type === 'hello') {
        record.hostName = message.hostName;
        record.os = message.os;
        record.version = message.version;
        record.bootUnixMs = message.bootUnixMs;
      } else if (message.type === 'heartbeat') {
        record.clockOffsetMs = message.clockOffsetMs ?? record.clockOffsetMs;
        record.spool = message.spool;
        record.sources = message.sources as SourceHealth[];
      } else {
        // Once a day and possibly large: written at once, never held in memory.
        rows.saveInventory(node, message.collectedUnixMs, message.facts);
      }
    },
    enrolled(node) {
      const record = rows.one(node);
      if (record) nodes.set(node, record);
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
