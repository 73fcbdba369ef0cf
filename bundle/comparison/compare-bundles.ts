import type { AgeIdentity } from '../age/key.ts';
import { createAnalysis } from '../analysis/analysis.ts';
import { loadAnalyzers } from '../analysis/analyzer.ts';
import type { Finding } from '../analysis/finding.ts';
import { readEvidence } from '../analysis/read-bundle.ts';
import type { SoundBundle } from '../sound-bundle.ts';
import { compareRates, createEventRates, type RateChange } from './event-rates.ts';
import { compareFacts, type FactChange, flatFacts } from './facts.ts';

interface CompareOptions {
  identities?: readonly AgeIdentity[] | undefined;
  scratch: string;
  nowMs: number;
  signal?: AbortSignal | undefined;
}

type FindingName = Pick<Finding, 'analyzer' | 'severity' | 'title' | 'node' | 'subject' | 'count'>;

export interface Comparison {
  a: Side;
  b: Side;
  /** Nodes that only one of them has. */
  nodes: { onlyA: string[]; onlyB: string[] };
  /** Operating system and agent of nodes that both have. */
  versions: (FactChange & { node: string })[];
  inventory: (FactChange & { node: string })[];
  configuration: FactChange[];
  rates: RateChange[];
  findings: { onlyA: FindingName[]; onlyB: FindingName[] };
  /** What could not be compared, and why. */
  notes: string[];
}

interface Side {
  name: string;
  site: string;
  from: string;
  until: string;
  state: string;
}

/** What a bundle holds that is compared. */
interface Digest {
  side: Side;
  /** That were asked for, in their order; empty: all. */
  classes: string;
  hours: number;
  versions: Map<string, Map<string, string>>;
  inventories: Map<string, Map<string, string>>;
  configuration: Map<string, string> | undefined;
  rates: ReturnType<typeof createEventRates>;
  findings: Finding[];
}

/** Compares two sound bundles: what changed from A to B. Reads each once; memory for what is compared, not for records. */
export async function compareBundles(a: SoundBundle, b: SoundBundle, options: CompareOptions): Promise<Comparison> {
  const [before, after] = [await digest(a, options), await digest(b, options)];
  const notes: string[] = [];
  const common = (of: 'versions' | 'inventories'): (FactChange & { node: string })[] =>
    [...before[of].keys()].flatMap((node) => {
      const other = after[of].get(node);
      const own = before[of].get(node);
      return own && other ? compareFacts(own, other).map((change) => ({ node, ...change })) : [];
    });
  const [nodesA, nodesB] = [[...before.versions.keys()], [...after.versions.keys()]];
  if (before.side.site !== after.side.site) notes.push('the bundles are of two sites: nodes are compared by name');
  for (const node of nodesA.filter((name) => nodesB.includes(name))) {
    const lacks = [before, after].filter(({ inventories }) => !inventories.has(node)).map(({ side }) => side.name);
    if (lacks.length > 0) notes.push(`the inventory of ${node} is not in ${lacks.join(' and ')}`);
  }
  if (!before.configuration || !after.configuration) notes.push('configuration is not in both of them');
  const uncounted = before.rates.uncounted + after.rates.uncounted;
  if (uncounted > 0) notes.push(`${uncounted} records of further kinds were not counted`);
  if (before.side.state !== 'complete' || after.side.state !== 'complete') {
    notes.push('not both are complete: what is missing looks as if it had not happened');
  }
  if (before.classes !== after.classes) {
    notes.push('they were not asked for the same classes: what was not asked for looks as if it had not happened');
  }
  return {
    a: before.side,
    b: after.side,
    nodes: {
      onlyA: nodesA.filter((node) => !nodesB.includes(node)),
      onlyB: nodesB.filter((node) => !nodesA.includes(node)),
    },
    versions: common('versions'),
    inventory: common('inventories'),
    configuration:
      before.configuration && after.configuration ? compareFacts(before.configuration, after.configuration) : [],
    rates: compareRates(before, after),
    findings: {
      onlyA: missingFrom(before.findings, after.findings),
      onlyB: missingFrom(after.findings, before.findings),
    },
    notes,
  };
}

const nameOf = ({ analyzer, severity, title, node, subject, count }: Finding): FindingName => ({
  ...{ analyzer, severity, title, node, subject, count },
});

const missingFrom = (some: readonly Finding[], others: readonly Finding[]): FindingName[] =>
  some
    .filter(
      (one) =>
        !others.some(
          (other) => other.analyzer === one.analyzer && other.node === one.node && other.subject === one.subject,
        ),
    )
    .map(nameOf);

async function digest(bundle: SoundBundle, options: CompareOptions): Promise<Digest> {
  const { coverage } = bundle;
  const { name, site, from, until, state } = coverage.bundle;
  const analysis = createAnalysis(loadAnalyzers());
  analysis.coverage(coverage);
  const rates = createEventRates();
  const inventories = new Map<string, Map<string, string>>();
  let configuration: Map<string, string> | undefined;
  await readEvidence(
    bundle.volumes,
    {
      ...analysis,
      // Each is counted here.
      passOver: () => false,
      record(record) {
        analysis.record(record);
        rates.add(record);
      },
      inventory(node, facts) {
        analysis.inventory(node, facts);
        inventories.set(node, flatFacts(facts));
      },
      configuration(settings) {
        configuration = flatFacts(settings);
      },
    },
    options,
  );
  const windowMs = Date.parse(until) - Date.parse(from);
  return {
    side: { name, site, from, until, state: bundle.damaged.length > 0 ? 'damaged' : state },
    classes: (coverage.bundle.classes ?? []).join(),
    hours: Math.max(Number.isNaN(windowMs) ? 0 : windowMs, 60_000) / 3_600_000,
    versions: new Map(
      coverage.nodes.map(({ node, os, version }) => [
        node,
        new Map([
          ['operating system', os],
          ['agent', version],
        ]),
      ]),
    ),
    inventories,
    configuration,
    rates,
    findings: analysis.findings(options.nowMs).findings,
  };
}
