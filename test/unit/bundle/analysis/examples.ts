import { createAnalysis } from '../../../../bundle/analysis/analysis.ts';
import type { Analyzer } from '../../../../bundle/analysis/analyzer.ts';
import type { BundleAlert } from '../../../../bundle/analysis/checks.ts';
import { parseRecord, parseSample } from '../../../../bundle/analysis/evidence.ts';
import type { Findings } from '../../../../bundle/analysis/finding.ts';
import type { CoverageSource } from '../../../../bundle/coverage.ts';
import { sampleCoverage } from '../sample-bundle.ts';

type Example = Analyzer['examples']['finds'][number];

/** The short form. */
interface Short {
  node?: string;
  every?: number;
  at?: number | number[];
  times?: number;
  channel?: string;
  provider?: string;
  eventId?: number;
  identifier?: string;
  data?: Record<string, unknown>;
  body?: string;
  attributes?: Record<string, string>;
  metric?: string;
  value?: number;
  values?: number[];
  file?: string;
  alert?: BundleAlert;
  inventory?: { node: string; facts: Record<string, unknown> };
  clock?: { node: string; offsetMs: number };
  source?: Pick<CoverageSource, 'node' | 'source' | 'state'> & Partial<CoverageSource>;
}

const startMs = Date.UTC(2026, 10, 20, 9, 0, 0);
const known = {
  record: [
    'channel',
    'provider',
    'eventId',
    'data',
    'body',
    'identifier',
    'attributes',
    'node',
    'at',
    'times',
    'every',
  ],
  metric: ['metric', 'value', 'values', 'attributes', 'node', 'at', 'every'],
};

/** Runs analyzers over an example in the short form of `profiles/analyzers`, through the same lines that bundles hold. */
export function analyzeExample(example: Example, analyzers: readonly Analyzer[]): Findings {
  const analysis = createAnalysis(analyzers);
  const coverage = sampleCoverage({ nodes: [], sources: [] });
  const iso = (seconds: number): string => new Date(startMs + seconds * 1000).toISOString();
  for (const one of [example].flat() as Short[]) {
    const { node = 'host-1', every = 10 } = one;
    if (one.file) analysis.file(node, one.file, startMs);
    else if (one.alert) analysis.alerts([one.alert]);
    else if (one.inventory) analysis.inventory(one.inventory.node, one.inventory.facts);
    else if (one.clock) {
      const [sample] = sampleCoverage().nodes;
      if (sample) coverage.nodes.push({ ...sample, node: one.clock.node, clockOffsetMs: one.clock.offsetMs });
    } else if (one.source) {
      coverage.sources.push({ bytes: 0, first: null, last: null, reason: null, masked: {}, ...one.source });
    } else if (one.metric) {
      demandKnown(one, known.metric);
      const values = one.values ?? [one.value];
      for (const [n, value] of values.entries()) {
        const timestamp = iso(Array.isArray(one.at) ? Number(one.at[n]) : (one.at ?? 0) + n * every);
        const line = { timestamp, node, name: one.metric, kind: 'gauge', value, attributes: one.attributes ?? {} };
        const sample = parseSample(JSON.stringify(line));
        if (!sample) throw new Error('not a sample');
        analysis.sample(sample);
      }
    } else {
      demandKnown(one, known.record);
      for (let n = 0; n < (one.times ?? 1); n++) {
        const attributes: Record<string, string> = { ...one.attributes };
        const put = (name: string, value: unknown): void => {
          if (value !== undefined) attributes[name] = String(value);
        };
        put('windows.eventlog.channel', one.channel);
        put('windows.eventlog.provider.name', one.provider);
        put('windows.eventlog.event_id', one.eventId);
        put('syslog.identifier', one.identifier);
        for (const [name, value] of Object.entries(one.data ?? {})) put(`windows.eventlog.data.${name}`, value);
        const line = {
          timestamp: iso(Number(one.at ?? 0) + n * every),
          node,
          severity: 'error',
          body: one.body,
          attributes,
        };
        if (analysis.passOver?.(Buffer.from(JSON.stringify(line)))) continue;
        const record = parseRecord(JSON.stringify(line));
        if (!record) throw new Error(`not a record: ${JSON.stringify(one)}`);
        analysis.record(record);
      }
    }
  }
  analysis.coverage(coverage);
  return analysis.findings(startMs);
}

function demandKnown(example: object, names: string[]): void {
  const stranger = Object.keys(example).find((name) => !names.includes(name));
  if (stranger !== undefined) throw new Error(`an example has no ${stranger}`);
}
