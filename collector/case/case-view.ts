import { type CoverageNode, type CoverageSource, collectorNode, isGap } from '../../bundle/coverage.ts';
import type { SessionInfo } from '../api/shapes/access.ts';
import type { AlertRow, AlertState } from '../api/shapes/alerts.ts';
import type { EvidenceBundle } from '../api/shapes/evidence.ts';
import type { NodeRow } from '../api/shapes/nodes.ts';
import type { CaseBundle, CaseRecords } from './case-records.ts';
import { caseNodeName } from './node-name.ts';

/** What the dashboard asks of a collector, answered from the bundles of a case. */
export interface CaseView {
  evidence(): NonNullable<SessionInfo['evidence']>;
  /** Sites of the bundles. */
  site(): string;
  nodes(): NodeRow[];
  alerts(filter: { state?: AlertState | undefined; resolvedSinceMs?: number | undefined }): AlertRow[];
  bundles(): EvidenceBundle[];
}

export function createCaseView(records: CaseRecords): CaseView {
  const bundles = records.bundles();
  const [first] = bundles;
  const home = first ? records.homeSite(first.site) : '';
  const nodeOf = (bundle: CaseBundle, node: string): string => caseNodeName(home, bundle.site, node);
  const windows = bundles.map(({ coverage }) => coverage.bundle);

  return {
    evidence: () => ({
      from: windows.map(({ from }) => from).sort()[0] ?? '',
      until:
        windows
          .map(({ until }) => until)
          .sort()
          .at(-1) ?? '',
      bundles: windows.map(({ name, site, from, until }) => ({ name, site, from, until })),
    }),
    site: () => [...new Set(bundles.map(({ site }) => site))].join(', '),
    nodes() {
      const rows = new Map<string, NodeRow>();
      // The newest bundle says how a node was last.
      for (const bundle of bundles) {
        const sources = Map.groupBy(bundle.coverage.sources, (source) => source.node);
        // A merged bundle may know a node by several of its parts: the one that has gathered from it says how it was.
        for (const [own, known] of Map.groupBy(bundle.coverage.nodes, ({ node }) => node)) {
          const node = known.findLast(({ state }) => state === 'gathered') ?? known.at(-1);
          const name = nodeOf(bundle, own);
          if (node) rows.set(name, nodeRow(name, node, sources.get(own) ?? []));
          sources.delete(own);
        }
        sources.delete(collectorNode);
        for (const [peer, own] of sources) {
          const name = nodeOf(bundle, peer);
          rows.set(name, peerRow(name, own));
        }
      }
      return [...rows.values()].sort((a, b) => a.node.localeCompare(b.node, 'en-US'));
    },
    alerts({ state, resolvedSinceMs }) {
      const newest = new Map<string, AlertRow>();
      for (const { alerts } of bundles) {
        for (const alert of alerts) newest.set([alert.rule, alert.node, alert.subject, alert.since].join('\n'), alert);
      }
      return [...newest.values()].filter((alert) => {
        if (state !== undefined && alert.state !== state) return false;
        if (alert.state !== 'resolved') return true;
        return resolvedSinceMs !== undefined && Date.parse(alert.resolvedAt ?? alert.since) >= resolvedSinceMs;
      });
    },
    bundles: () => bundles.map((bundle) => evidenceBundle(bundle, records.countFiles(bundle.id))).reverse(),
  };
}

const lastMs = (source: CoverageSource): number | undefined => {
  const ms = source.last === null ? Number.NaN : Date.parse(source.last);
  return Number.isNaN(ms) ? undefined : ms;
};

/** A source as it was gathered: what left a gap is failing. */
const sourceHealth = (source: CoverageSource): NodeRow['sources'][number] => {
  const at = lastMs(source);
  const state = source.state === 'ok' ? 'running' : source.state === 'absent' ? 'absent' : 'failing';
  return {
    name: source.source.slice(0, 128),
    state,
    records: 0,
    dropped: 0,
    ...(at !== undefined && { lastRecordUnixMs: at }),
    ...(source.reason !== null && { detail: source.reason.slice(0, 1024) }),
  };
};

const nodeRow = (name: string, node: CoverageNode, sources: CoverageSource[]): NodeRow => ({
  node: name,
  kind: 'node',
  os: node.os,
  version: node.version,
  // What did not answer when the bundle was made had been silent then.
  state: node.state === 'unreachable' ? (node.lastSeen === null ? 'never-seen' : 'silent') : 'online',
  lastSeen: node.lastSeen,
  clockOffsetMs: node.clockOffsetMs,
  hostName: name,
  enrolledAt: null,
  certificateDaysLeft: null,
  spool: null,
  sources: sources.map(sourceHealth),
});

const peerRow = (name: string, sources: CoverageSource[]): NodeRow => ({
  node: name,
  kind: 'syslog',
  os: '',
  version: '',
  state: sources.some(({ state }) => state === 'ok') ? 'online' : 'silent',
  lastSeen: sources.map(({ last }) => last).find((last) => last !== null) ?? null,
  clockOffsetMs: null,
  hostName: '',
  enrolledAt: null,
  certificateDaysLeft: null,
  spool: null,
  sources: sources.map(sourceHealth),
});

function evidenceBundle(bundle: CaseBundle, files: number): EvidenceBundle {
  const { coverage, findings } = bundle;
  const { from, until, finishedAt, state, redaction } = coverage.bundle;
  const lost = coverage.nodes.filter((node) => node.state !== 'gathered');
  return {
    id: bundle.id,
    name: bundle.name,
    site: bundle.site,
    from,
    until,
    madeAt: finishedAt,
    state,
    redaction,
    keyId: bundle.keyId,
    trust: bundle.trust,
    damaged: bundle.damaged,
    records: bundle.records,
    samples: bundle.samples,
    unread: bundle.unread,
    files,
    gaps: [
      ...lost.map((node) => ({ node: node.node, source: '', state: node.state, reason: node.reason })),
      ...coverage.sources
        .filter((source) => isGap(source.state))
        .map(({ node, source, state: left, reason }) => ({ node, source, state: left, reason })),
    ].slice(0, 1000),
    unanswered: coverage.unanswered ?? [],
    notes: coverage.notes ?? [],
    findings: findings?.findings ?? [],
    failedAnalyzers: findings?.failed ?? [],
    analyzers: findings?.analyzers ?? 0,
  };
}
