import { clockMetrics } from '../pipeline/metric-batches.ts';
import { ownMetrics } from '../pipeline/own-metrics.ts';
import { loadProfile } from '../profile/load.ts';
import { clusterMetrics, probeMetrics, virtualMachineMetrics } from './azure-local-metrics.ts';
import { hardwareMetrics } from './hardware/instruments.ts';
import { hostMetrics } from './host/instruments.ts';
import { processMetrics } from './host/top-processes.ts';
import type { MetricCatalogue } from './metric-catalogue.ts';

const instruments = { counter: 'counter', updown: 'up-down counter', gauge: 'gauge' };

const chapters: readonly [string, string, MetricCatalogue][] = [
  ['Host', 'OpenTelemetry’s system conventions.', hostMetrics],
  [
    'Processes',
    'OpenTelemetry’s process conventions, of the processes that `metrics.processes` of the profile chooses. A series ends with its process.',
    processMetrics,
  ],
  [
    'Hardware',
    'OpenTelemetry’s hardware conventions. Every point has `hw.id`, `hw.type`, `hw.name`, and `hw.parent` where known.',
    hardwareMetrics,
  ],
  ['Probes', 'Names of the OpenTelemetry Collector’s check receivers, and what they have in common.', probeMetrics],
  ['Cluster', 'No convention exists. Health is 0 healthy, 1 warning, 2 unhealthy.', clusterMetrics],
  ['Virtual machines', 'No convention exists.', virtualMachineMetrics],
  [
    'The agent itself',
    'No convention exists. Sources have their own beside these: `sextant.files.*` in [log-files.md](log-files.md), `sextant.eventlog.*` in [event-log.md](event-log.md).',
    { ...ownMetrics, ...clockMetrics },
  ],
];

/** Profiles that name performance counters, each with those of its own. */
const counterProfiles = [
  ['windows', 'A Windows host'],
  ['azure-local', 'Azure Local'],
  ['sql-server', 'SQL Server'],
  ['exchange', 'Exchange'],
  ['sharepoint', 'SharePoint'],
  ['skype-for-business', 'Skype for Business'],
] as const;

/** A profile's metrics of performance counters, those left out that `windows` has, which every other includes. */
function countersOf(name: string): readonly string[][] {
  const metrics = (of: string) => loadProfile({ names: [of] }).profile.counters.metrics;
  const common = name === 'windows' ? new Set<string>() : new Set(metrics('windows').map(({ metric }) => metric));
  const rows = new Map<string, string[]>();
  for (const { metric, kind, unit, description } of metrics(name)) {
    if (!common.has(metric)) rows.set(metric, [kind === 'total' ? 'counter' : 'gauge', unit, description]);
  }
  return [...rows].map(([metric, row]) => [metric, ...row]);
}

/** docs/metrics.md: every metric that an agent's sources name, with instrument, unit and description. */
export function metricsPage(): string {
  const parts = chapters.map(([title, text, catalogue]) => {
    const rows = Object.entries(catalogue).map(
      ([name, [kind, unit, description]]) => `| \`${name}\` | ${instruments[kind]} | ${unit} | ${description} |`,
    );
    return `## ${title}\n\n${text}\n\n| metric | instrument | unit | what |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
  });
  return `# Metrics of the agent

Written by \`npm run docs\` from the sources’ own lists and from the profiles. What a machine lacks is absent, never zero.

${parts.join('\n')}
## Performance counters of Windows

Named by profiles, which have the counter of each; a site names others in its own ([windows.md](windows.md#metrics)).

${counterProfiles.map(([name, title]) => counterChapter(title, name)).join('\n')}`;
}

function counterChapter(title: string, name: string): string {
  const rows = countersOf(name).map(
    ([metric, instrument, unit, description]) => `| \`${metric}\` | ${instrument} | ${unit} | ${description} |`,
  );
  return `### ${title} (\`${name}\`)\n\n| metric | instrument | unit | what |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
}
