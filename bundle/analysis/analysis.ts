import { version } from '../../config/version.ts';
import type { Coverage } from '../coverage.ts';
import { expiryText } from '../expiry-text.ts';
import { formatTime } from '../report-format.ts';
import type { Analyzer } from './analyzer.ts';
import { type BundleAlert, type CheckInput, runCheck } from './checks.ts';
import type { EvidenceRecord } from './evidence.ts';
import { byWeight, type Finding, type Findings } from './finding.ts';
import { createHitGroups, type Hit, type HitGroups } from './hits.ts';
import { createLogMatcher, eventIdName } from './log-matcher.ts';
import { metricHits } from './metric-hits.ts';
import type { EvidenceSink } from './read-bundle.ts';
import { createRecordSieve } from './record-sieve.ts';
import { createSeriesStore } from './series.ts';

/** Takes what a bundle holds, piece by piece, and says in the end what the analyzers make of it. */
export interface Analysis extends EvidenceSink {
  coverage(coverage: Coverage): void;
  findings(nowMs: number): Findings;
}

const maxFindingsPerAnalyzer = 50;
const shutdownWords = [
  'Reached target',
  'systemd-shutdown',
  'System is rebooting',
  'System is powering down',
  'Journal stopped',
];
const shutdownText =
  /systemd-shutdown|System is (?:rebooting|powering down|halting)|Journal stopped|Reached target.*(?:Reboot|Power-?Off|Power Off|Shutdown|Halt)/i;
/** User32 1074 (who asked for it), EventLog 6006 (its service ended in order). */
const shutdownEvents = new Set(['1074', '6006']);

const unitMs = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const durationMs = (text: string): number => Number(text.slice(0, -1)) * unitMs[text.slice(-1) as keyof typeof unitMs];

export function createAnalysis(analyzers: readonly Analyzer[]): Analysis {
  const groups = new Map<string, HitGroups>();
  const files = new Map<string, Hit[]>();
  const pathPatterns = analyzers.flatMap((analyzer) =>
    analyzer.files ? [{ analyzer, pattern: new RegExp(analyzer.files.path, 'i') }] : [],
  );
  const match = createLogMatcher(analyzers);
  const sieve = createRecordSieve([
    ...match.hints,
    ...shutdownWords.map((word) => ({ text: word })),
    ...[...shutdownEvents].map((id) => ({ attribute: eventIdName, value: id })),
  ]);
  const series = createSeriesStore(
    analyzers.flatMap(({ metric, check }) => [
      ...(metric ? [metric.name] : []),
      ...Object.values(check?.metrics ?? {}),
    ]),
  );
  const known: {
    coverage: Coverage | undefined;
    alerts: BundleAlert[];
    inventories: CheckInput['inventories'][number][];
  } = {
    coverage: undefined,
    alerts: [],
    inventories: [],
  };
  const shutdowns = new Map<string, number[]>();
  let records = 0;
  let samples = 0;
  let unread = 0;

  function hitsOf(analyzer: Analyzer): Hit[] {
    const { logs, metric, check, atLeast = 1, within } = analyzer;
    if (logs)
      return groups.get(analyzer.id)?.hits(atLeast, within === undefined ? undefined : durationMs(within)) ?? [];
    if (metric) return metricHits(metric, series.of(metric.name));
    if (analyzer.files) return (files.get(analyzer.id) ?? []).filter(({ count }) => count >= atLeast);
    if (!check) return [];
    const parameter = (name: string): unknown => {
      const value = check.parameters?.[name];
      if (value === undefined) throw new Error(`it has no parameter ${name}`);
      return value;
    };
    return runCheck(check.name, {
      ...known,
      series,
      shutdowns,
      metric: (role) => {
        const name = check.metrics?.[role];
        if (name === undefined) throw new Error(`it names no metric for ${role}`);
        return series.of(name).filter(({ attributes }) => fits(check.where ?? {}, attributes));
      },
      number: (name) => Number(parameter(name)),
      texts: (name) => [parameter(name)].flat().map(String),
    });
  }

  return {
    passOver(line) {
      if (sieve(line)) return false;
      records++;
      return true;
    },
    record(record) {
      records++;
      if (isShutdown(record)) {
        const times = shutdowns.get(record.node) ?? [];
        if (times.length < 1000) shutdowns.set(record.node, [...times, record.unixMs]);
      }
      match.tell(record, (analyzer, subject) => {
        let group = groups.get(analyzer.id);
        if (!group) {
          group = createHitGroups();
          groups.set(analyzer.id, group);
        }
        group.add(record, subject);
      });
    },
    wantsMetric: series.wants,
    sample(sample) {
      samples++;
      series.add(sample);
    },
    file(node, path, modifiedMs) {
      for (const { analyzer, pattern } of pathPatterns) {
        if (!pattern.test(path)) continue;
        const hits = files.get(analyzer.id) ?? [];
        files.set(analyzer.id, hits);
        let own = hits.find((hit) => hit.node === node);
        if (!own) {
          own = {
            node,
            subject: '',
            count: 0,
            firstMs: modifiedMs,
            lastMs: modifiedMs,
            channel: 'files',
            evidence: [],
          };
          hits.push(own);
        }
        own.count++;
        own.firstMs = Math.min(own.firstMs ?? modifiedMs, modifiedMs);
        own.lastMs = Math.max(own.lastMs ?? modifiedMs, modifiedMs);
        if (own.evidence.length < 5) {
          own.evidence.push({ timestamp: new Date(modifiedMs).toISOString(), node, channel: 'files', text: path });
        }
      }
    },
    alerts: (alerts) => void known.alerts.push(...alerts.slice(0, 10_000)),
    inventory: (node, facts) => void known.inventories.push({ node, facts }),
    coverage: (coverage) => {
      known.coverage = coverage;
    },
    unread: () => {
      unread++;
    },
    findings(nowMs) {
      const failed: string[] = [];
      let omitted = 0;
      const findings = analyzers.flatMap((analyzer): Finding[] => {
        try {
          const hits = hitsOf(analyzer).sort((a, b) => b.count - a.count);
          omitted += Math.max(0, hits.length - maxFindingsPerAnalyzer);
          return hits.slice(0, maxFindingsPerAnalyzer).map((hit) => findingOf(analyzer, hit));
        } catch (error) {
          failed.push(`${analyzer.id}: ${(error as Error).message}`.slice(0, 1000));
          return [];
        }
      });
      if (series.dropped > 0) failed.push(`metrics: ${series.dropped} samples of further series were not looked at`);
      return {
        format: 'sextant-findings/1',
        analyzers: analyzers.length,
        madeBy: version,
        madeAt: new Date(nowMs).toISOString(),
        records,
        samples,
        withEvidence: true,
        omitted,
        unread,
        failed,
        findings: withoutOverridden(findings, analyzers).sort(byWeight),
      };
    },
  };
}

/** One trouble is told once, as its gravest analyzer has it. */
function withoutOverridden(findings: readonly Finding[], analyzers: readonly Analyzer[]): Finding[] {
  const keyOf = (analyzer: string, { node, subject }: Finding): string => JSON.stringify([analyzer, node, subject]);
  const overrides = new Map(analyzers.map(({ id, overrides: weaker = [] }) => [id, weaker]));
  const told = new Set(
    findings.flatMap((finding) => (overrides.get(finding.analyzer) ?? []).map((weaker) => keyOf(weaker, finding))),
  );
  return findings.filter((finding) => !told.has(keyOf(finding.analyzer, finding)));
}

function isShutdown({ attributes, body }: EvidenceRecord): boolean {
  const eventId = attributes[eventIdName];
  if (eventId !== undefined) return shutdownEvents.has(eventId) && attributes['windows.eventlog.channel'] === 'System';
  return shutdownWords.some((word) => body.includes(word)) && shutdownText.test(body);
}

const fits = (where: Record<string, string | string[]>, attributes: Readonly<Record<string, string>>): boolean =>
  Object.entries(where).every(([name, values]) => [values].flat().includes(attributes[name] ?? ''));

const isoOf = (unixMs: number | null): string | null => (unixMs === null ? null : new Date(unixMs).toISOString());

function findingOf({ id, severity, category, title, finding, next }: Analyzer, hit: Hit): Finding {
  const first = isoOf(hit.firstMs);
  const last = isoOf(hit.lastMs);
  const values: Record<string, string> = {
    node: hit.node || 'the site',
    subject: hit.subject || 'an unnamed part',
    count: String(hit.count),
    first: formatTime(first),
    last: formatTime(last),
    channel: hit.channel,
    value: String(hit.value ?? ''),
    limit: String(hit.limit ?? ''),
    unit: hit.unit ?? '',
    detail: hit.detail ?? '',
    expiry: expiryText(hit.value ?? 0),
  };
  const text = finding.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '').slice(0, 8000);
  const { node, subject, count, evidence } = hit;
  return { analyzer: id, severity, category, title, node, subject, count, first, last, text, next, evidence };
}
