import { ownMetrics } from '../pipeline/own-metrics.ts';
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
    ownMetrics,
  ],
];

/** docs/metrics.md: every metric that an agent's sources name, with instrument, unit and description. */
export function metricsPage(): string {
  const parts = chapters.map(([title, text, catalogue]) => {
    const rows = Object.entries(catalogue).map(
      ([name, [kind, unit, description]]) => `| \`${name}\` | ${instruments[kind]} | ${unit} | ${description} |`,
    );
    return `## ${title}\n\n${text}\n\n| metric | instrument | unit | what |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
  });
  return `# Metrics of the agent

Written by \`npm run docs\` from the sources’ own lists. What a machine lacks is absent, never zero. Performance counters of
Windows are named by the profile.

${parts.join('\n')}`;
}
