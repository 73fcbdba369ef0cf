import { hostname, uptime } from 'node:os';
import { version } from '../../config/version.ts';
import type { Log } from '../../logging/log.ts';
import type { SourceHealth } from '../../protocol/control.ts';
import type { Inventory } from '../inventory/collect.ts';
import { osDescription } from '../pipeline/resource.ts';
import type { StreamStats } from '../spool/stream-stats.ts';
import type { ClockOffset } from './clock-offset.ts';
import type { ControlStream } from './link.ts';

const heartbeatMs = 8_000;
const inventoryEveryMs = 86_400_000;
/** Long enough for the first metrics to be out before a slow inventory takes its turn. */
const firstInventoryAfterMs = 2_000;

export interface Presence {
  start(): void;
  close(): void;
}

/**
 * Keeps the collector informed about this node over the control stream: who it is at each connection, a heartbeat with
 * the state of spool and sources, the inventory at start, at reconnection to a collector that lacks it, and daily.
 */
export function createPresence({
  stream,
  spoolStats,
  sourceHealth,
  collectInventory,
  clock,
  nowMs,
  log,
}: {
  stream: ControlStream;
  spoolStats(): StreamStats[];
  sourceHealth(): SourceHealth[];
  collectInventory(): Promise<Inventory>;
  clock: ClockOffset;
  nowMs(): number;
  log: Log;
}): Presence {
  const timers = new Set<NodeJS.Timeout>();
  const undo: (() => void)[] = [];
  let inventory: Inventory | undefined;
  let collecting = false;
  let closed = false;

  function heartbeat(): void {
    const stats = spoolStats();
    const sum = (of: (stream: StreamStats) => number): number => stats.reduce((total, each) => total + of(each), 0);
    const clockOffsetMs = clock.ms();
    stream.send({
      type: 'heartbeat',
      sentUnixMs: nowMs(),
      ...(clockOffsetMs !== undefined && { clockOffsetMs }),
      spool: {
        // A segment stays until its last batch is acknowledged; what nobody waits for is no backlog.
        bytes: sum((each) => (each.waitingBatches === 0 ? 0 : each.bytes)),
        batches: sum((each) => each.waitingBatches),
        droppedRecords: sum((each) => each.droppedRecords),
      },
      sources: sourceHealth(),
    });
  }

  async function refreshInventory(): Promise<void> {
    if (collecting || closed) return;
    collecting = true;
    try {
      inventory = await collectInventory();
      if (!closed) sendInventory();
    } catch (error) {
      log.warn({ err: error }, 'the inventory could not be collected');
    } finally {
      collecting = false;
    }
  }

  function sendInventory(): void {
    if (inventory) stream.send({ type: 'inventory', ...inventory });
  }

  return {
    start() {
      undo.push(
        stream.onConnect(() => {
          stream.send({
            type: 'hello',
            version,
            hostName: hostname(),
            os: osDescription(),
            bootUnixMs: Math.round(nowMs() - uptime() * 1000),
          });
          heartbeat();
          sendInventory();
        }),
        stream.onMessage((message) => {
          if (message.type !== 'heartbeat-reply') return;
          const { sentUnixMs, collectorUnixMs } = message;
          const first = clock.ms() === undefined;
          clock.add({ sentUnixMs, collectorUnixMs, receivedUnixMs: nowMs() });
          // Otherwise the collector would learn of a wrong clock one whole interval later.
          if (first) heartbeat();
        }),
      );
      timers.add(setInterval(heartbeat, heartbeatMs * (0.9 + Math.random() * 0.2)));
      timers.add(setTimeout(() => void refreshInventory(), firstInventoryAfterMs));
      timers.add(setInterval(() => void refreshInventory(), inventoryEveryMs));
    },
    close() {
      closed = true;
      for (const timer of timers) clearInterval(timer);
      for (const each of undo) each();
    },
  };
}
