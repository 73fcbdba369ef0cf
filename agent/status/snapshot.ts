import { X509Certificate } from 'node:crypto';
import type { Settings } from '../../config/settings.ts';
import type { SourceHealth } from '../../protocol/control.ts';
import type { AppliedLimits } from '../limits/process-limits.ts';
import type { PriorityClass } from '../profile/priority.ts';
import type { PushedState } from '../profile/pushed/receiver.ts';
import type { RingStats } from '../ring/ring.ts';
import type { StreamStats } from '../spool/stream-stats.ts';
import type { UplinkStats } from '../uplink/uplink.ts';

/** What waits and what was lost in one class. */
export interface ClassBacklog {
  priority: PriorityClass;
  waitingBatches: number;
  waitingRecords: number;
  waitingBytes: number;
  /** How long the oldest has waited; 0 when nothing waits. */
  lagSeconds: number;
  droppedRecords: number;
  droppedBySource: Record<string, number>;
}

/** All that an agent can say of itself, as `sextant agent status --json` prints it. Times are ISO 8601. */
export interface AgentSnapshot {
  version: string;
  node: string;
  collector: string;
  process: number;
  startedAt: string;
  /** When this was put together. */
  at: string;
  profile: string;
  /** What is wrong with the node's own profile, what holds instead, and what to do. */
  profileFault: string | null;
  /** Pushed profiles, and the key that they are believed by. */
  pushed: PushedState;
  /** Control stream and deliveries. */
  connected: boolean;
  failing: string | null;
  certificateUntil: string;
  clockOffsetMs: number | null;
  clockBoundMs: number | null;
  memoryBytes: number;
  memoryLimitBytes: number;
  /** What is given up to stay below it. */
  shedding: string;
  /** What the operating system holds the agent to, and what could not be set. */
  limits: AppliedLimits;
  cpuSeconds: number;
  sources: SourceHealth[];
  /** Filesystems, paths and devices with a question that is overdue, and since when it is open. */
  unanswered: { what: string; since: string }[];
  spool: {
    bytes: number;
    maxBytes: number;
    minFreeBytes: number;
    /** Why nothing can be written now. */
    blockedBy: string | null;
    classes: ClassBacklog[];
  };
  /** What this node keeps of what was delivered; counts are since the ring was made. */
  ring: {
    bytes: number;
    maxBytes: number;
    files: number;
    /** Day of the oldest that is kept, `2026-11-28`; null for an empty ring. */
    oldestDay: string | null;
    /** Settings of `agent.ring`; 0 for no ring. */
    maxDays: number;
    thinnedRecords: number;
    droppedRecords: number;
    droppedFiles: number;
  };
}

/** What the snapshot is made of. */
export interface SnapshotFigures {
  version: string;
  node: string;
  collector: string;
  startedUnixMs: number;
  profile(): string;
  profileFault(): string | null;
  pushed(): PushedState;
  connected(): boolean;
  certificate(): string;
  clock: { ms(): number | undefined; boundMs(): number | undefined };
  sources(): SourceHealth[];
  unanswered(): { what: string; sinceUnixMs: number }[];
  spool(): StreamStats[];
  blockedBy(): string | undefined;
  uplink(): UplinkStats[];
  limits(): AppliedLimits;
  shedding(): string;
  ring(): RingStats;
  settings: Settings;
  nowMs(): number;
}

export function createSnapshot(figures: SnapshotFigures): AgentSnapshot {
  const streams = figures.spool();
  const { user, system } = process.cpuUsage();
  return {
    version: figures.version,
    node: figures.node,
    collector: figures.collector,
    process: process.pid,
    startedAt: new Date(figures.startedUnixMs).toISOString(),
    at: new Date(figures.nowMs()).toISOString(),
    profile: figures.profile(),
    profileFault: figures.profileFault(),
    pushed: figures.pushed(),
    connected: figures.connected(),
    failing: figures.uplink().find(({ failing }) => failing !== undefined)?.failing ?? null,
    certificateUntil: new X509Certificate(figures.certificate()).validToDate.toISOString(),
    clockOffsetMs: figures.clock.ms() ?? null,
    clockBoundMs: figures.clock.boundMs() ?? null,
    memoryBytes: process.memoryUsage.rss(),
    memoryLimitBytes: figures.settings['agent.limits.memory'],
    shedding: figures.shedding(),
    limits: figures.limits(),
    cpuSeconds: (user + system) / 1e6,
    sources: figures.sources(),
    unanswered: figures
      .unanswered()
      .map(({ what, sinceUnixMs }) => ({ what, since: new Date(sinceUnixMs).toISOString() })),
    spool: {
      bytes: streams.reduce((sum, { bytes }) => sum + bytes, 0),
      maxBytes: figures.settings['agent.spool.maxBytes'],
      minFreeBytes: figures.settings['agent.spool.minFreeBytes'],
      blockedBy: figures.blockedBy() ?? null,
      classes: byClass(streams, figures.nowMs()),
    },
    ring: ringOf(figures),
  };
}

function ringOf({ ring, settings }: SnapshotFigures): AgentSnapshot['ring'] {
  const { bytes, files, oldestDay = null, thinnedRecords, droppedRecords, droppedFiles } = ring();
  const bounds = { maxBytes: settings['agent.ring.maxBytes'], maxDays: settings['agent.ring.days'] };
  return { bytes, files, oldestDay, ...bounds, thinnedRecords, droppedRecords, droppedFiles };
}

function byClass(streams: readonly StreamStats[], nowMs: number): ClassBacklog[] {
  const classes = new Map<PriorityClass, ClassBacklog>();
  for (const stream of streams) {
    const { priority } = stream;
    const sum = classes.get(priority) ?? {
      priority,
      waitingBatches: 0,
      waitingRecords: 0,
      waitingBytes: 0,
      lagSeconds: 0,
      droppedRecords: 0,
      droppedBySource: {},
    };
    classes.set(priority, sum);
    sum.waitingBatches += stream.waitingBatches;
    sum.waitingRecords += stream.waitingRecords;
    sum.waitingBytes += stream.waitingBytes;
    const sinceMs = nowMs - (stream.oldestWaitingUnixMs ?? nowMs);
    sum.lagSeconds = Math.max(sum.lagSeconds, Math.round(sinceMs / 1000));
    sum.droppedRecords += stream.droppedRecords;
    for (const [source, records] of Object.entries(stream.droppedBySource)) {
      sum.droppedBySource[source] = (sum.droppedBySource[source] ?? 0) + records;
    }
  }
  return [...classes.values()];
}
