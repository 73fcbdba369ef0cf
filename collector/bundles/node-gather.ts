import { type AskedClasses, onNodes } from '../../bundle/asked-classes.ts';
import { nodeCapClasses, type SourceMaxBytes } from '../../bundle/caps.ts';
import type { CoverageNode, CoverageSource, CoverageState } from '../../bundle/coverage.ts';
import type { RedactionProfile } from '../../bundle/redaction/profile.ts';
import type { SiteName } from '../../bundle/scanner/name-trie.ts';
import type { AgentMessage, GatherProgress, GatherRequest, RedactedName } from '../../protocol/control.ts';
import type { BundleItemProgress } from '../api/shapes/bundles.ts';
import type { ControlHub } from '../control/hub.ts';
import { createSourceClock } from './source-clock.ts';

type GatherDone = Extract<AgentMessage, { type: 'gather-done' }>;

/** How gathering on one node ended. */
export interface NodeOutcome {
  state: CoverageNode['state'];
  reason: string | null;
  /** The second scan found something that should have been replaced. */
  leak?: true;
}

export interface NodeGather {
  readonly node: string;
  /** Resolves when the node has delivered, failed, timed out, or was never there. Never rejects. */
  readonly outcome: Promise<NodeOutcome>;
  /** Live, for progress. */
  items(): BundleItemProgress[];
  /** What coverage says; an item without an end is a gap with the node's reason. */
  sources(outcome: NodeOutcome): CoverageSource[];
  cancel(): void;
}

export interface NodeGatherOptions {
  bundleId: string;
  /** Which time this bundle is made, from 1 on. */
  attempt: number;
  fromUnixMs: number;
  untilUnixMs: number;
  roles: string[];
  /** Of content; empty or absent: all. */
  classes?: AskedClasses;
  /** The most that one source of a class may bring. */
  limits?: SourceMaxBytes;
  redactionKey: string;
  redaction: RedactionProfile;
  names: SiteName[];
  /** Who can open what cannot be redacted; absent: none of it is asked for. */
  rawRecipients?: string[];
  /** Told what the node has replaced; it may tell more than once. */
  onNames: (names: readonly RedactedName[]) => void;
  deadlineMs: number;
  /** A node that is not connected gets this long to come. */
  reachWithinMs: number;
  /** What is said of one that does not come; `not connected to the collector` when absent. */
  unreachable?: string | undefined;
}

/** No profile has as many; a node that invents sources must not fill our memory. */
const maxSources = 5000;
const maxUnixMs = 8.64e15;
const iso = (unixMs: number | undefined): string | null =>
  unixMs === undefined || !(Math.abs(unixMs) <= maxUnixMs) ? null : new Date(unixMs).toISOString();
const settled = (state: string): boolean => state !== 'waiting' && state !== 'running';

/**
 * Asks one node to gather and follows it to the end. A node that disconnects in the middle is waited for until the
 * deadline and asked again when it is back: an agent that still works on this attempt tells where it is; a restarted one, or
 * one that knows an earlier attempt, begins anew.
 */
export function startNodeGather(
  node: string,
  capabilities: {
    hub: ControlHub;
    nowMs: () => number;
    isComplete: (node: string, volumes: GatherDone['volumes']) => boolean;
  },
  options: NodeGatherOptions,
): NodeGather {
  const { hub, nowMs } = capabilities;
  const startedMs = nowMs();
  const progress = new Map<string, GatherProgress>();
  const clock = createSourceClock(nowMs);
  const { promise: outcome, resolve } = Promise.withResolvers<NodeOutcome>();
  const timers: NodeJS.Timeout[] = [];
  let asked = false;

  const ask = (): boolean => {
    const leftMs = startedMs + options.deadlineMs - nowMs();
    if (leftMs <= 0) return false;
    const request: GatherRequest = {
      type: 'gather',
      bundleId: options.bundleId,
      attempt: options.attempt,
      fromUnixMs: options.fromUnixMs,
      untilUnixMs: options.untilUnixMs,
      roles: options.roles,
      ...onNodes(options.classes ?? []),
      deadlineMs: leftMs,
      ...(options.limits && { sourceMaxBytes: limitsOnNodes(options.limits) }),
      redactionKey: options.redactionKey,
      redaction: options.redaction,
      names: options.names,
      ...(options.rawRecipients && { raw: { recipients: options.rawRecipients } }),
    };
    const sent = hub.send(node, request);
    if (sent) asked = true;
    return sent;
  };
  const end = (result: NodeOutcome): void => {
    for (const timer of timers) clearTimeout(timer);
    for (const stop of stops) stop();
    clock.stop();
    resolve(result);
  };
  const cancel = (): void => {
    hub.send(node, { type: 'gather-cancel', bundleId: options.bundleId });
  };

  const stops = [
    hub.onMessage((from, message) => {
      if (from !== node) return;
      if (message.type === 'gather-progress' && message.bundleId === options.bundleId) {
        const { source, state, elapsedMs } = message;
        if (progress.size >= maxSources && !progress.has(source)) return;
        progress.set(source, message);
        if (state === 'waiting') clock.waits(source);
        else if (state === 'running') clock.runs(source, elapsedMs);
        else clock.ended(source, elapsedMs);
      } else if (message.type === 'gather-done' && message.bundleId === options.bundleId) {
        // It has not heard yet that this is begun anew.
        if (message.attempt !== options.attempt) return;
        options.onNames(message.names ?? []);
        if (message.error !== undefined) {
          end({ state: 'failed', reason: message.error, ...(message.leak && { leak: true }) });
        } else if (!capabilities.isComplete(node, message.volumes)) {
          end({ state: 'failed', reason: 'the node says that it is done, but not all its volumes have arrived' });
        } else end({ state: 'gathered', reason: null });
      }
    }),
    hub.onConnect((connected) => {
      if (connected === node) ask();
    }),
  ];
  timers.push(
    setTimeout(() => {
      cancel();
      end({ state: 'timeout', reason: `not finished within ${Math.round(options.deadlineMs / 1000)} s` });
    }, options.deadlineMs),
  );
  if (!ask()) {
    timers.push(
      setTimeout(
        () => {
          if (!asked) end({ state: 'unreachable', reason: options.unreachable ?? 'not connected to the collector' });
        },
        Math.min(options.reachWithinMs, options.deadlineMs),
      ),
    );
  }

  return {
    node,
    outcome,
    cancel: () => {
      cancel();
      end({ state: 'failed', reason: 'cancelled' });
    },
    items: () =>
      [...progress.values()].map((item) => ({
        node,
        source: item.source,
        state: item.state,
        bytes: item.bytes,
        first: iso(item.firstUnixMs),
        last: iso(item.lastUnixMs),
        reason: item.reason ?? null,
        records: item.records ?? null,
        elapsedMs: clock.elapsedMs(item.source),
        expected: item.expected ?? null,
      })),
    sources: (result) =>
      [...progress.values()].map((item) => ({
        node,
        source: item.source,
        ...stateOf(item, result),
        bytes: Math.max(0, Math.round(item.bytes)),
        first: iso(item.firstUnixMs),
        last: iso(item.lastUnixMs),
        ...((item.leftOutBytes ?? 0) > 0 && { leftOut: { bytes: Math.round(item.leftOutBytes ?? 0) } }),
        masked: Object.fromEntries(
          Object.entries(item.masked ?? {}).map(([rule, count]) => [rule, Math.max(0, Math.round(count))]),
        ),
      })),
  };
}

const limitsOnNodes = (limits: SourceMaxBytes): NonNullable<GatherRequest['sourceMaxBytes']> =>
  Object.fromEntries(
    nodeCapClasses.flatMap((kind) => {
      const bytes = limits[kind];
      return bytes === undefined ? [] : [[kind, bytes]];
    }),
  );

/** What was gathered and never arrived is as missing as what was never gathered. */
function stateOf(item: GatherProgress, outcome: NodeOutcome): { state: CoverageState; reason: string | null } {
  const lost = outcome.state !== 'gathered';
  if (lost && (!settled(item.state) || item.state === 'ok' || item.state === 'partial')) {
    return {
      state: outcome.state === 'timeout' ? 'timeout' : 'failed',
      reason: `not delivered: ${outcome.reason ?? ''}`,
    };
  }
  if (!settled(item.state)) return { state: 'failed', reason: 'the node did not say how it ended' };
  return { state: item.state as CoverageState, reason: item.reason ?? null };
}
