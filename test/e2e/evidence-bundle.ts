import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgeRecipient } from '../../bundle/age/key.ts';
import { analyzeStaging } from '../../bundle/analysis/analyze-staging.ts';
import { formatBundleName } from '../../bundle/bundle-name.ts';
import type { Coverage } from '../../bundle/coverage.ts';
import { encryptPayload } from '../../bundle/encrypt-payload.ts';
import { loadSigningKey } from '../../bundle/minisign-key.ts';
import { renderReport } from '../../bundle/report.ts';
import { sealBundle } from '../../bundle/seal.ts';
import { createStaging } from '../../bundle/staging.ts';
import { createVolumeWriter } from '../../bundle/volume-writer.ts';
import { sampleCoverage } from '../unit/bundle/sample-bundle.ts';

export const hostile = '<img src=x onerror=alert(1)>\u001b[2J';

export interface EvidenceOptions {
  id: string;
  /** Unix milliseconds; the window is 15 minutes. */
  fromMs: number;
  /** Records every `everyMs` of the window. */
  everyMs: number;
  site?: string;
  kernel?: string;
  /** Who can open its volumes; in the clear when absent. */
  recipients?: readonly AgeRecipient[];
  change?: (coverage: Coverage) => void;
}

/** What a node had logged at these moments: the same for every bundle whose window holds them. */
function logLine(node: string, atMs: number, everyMs: number): string {
  const at = Math.round(atMs / everyMs);
  const bad = at % 20 === 0;
  const attributes: Record<string, string> = bad
    ? {
        'windows.eventlog.channel': 'System',
        'windows.eventlog.provider.name': 'disk',
        'windows.eventlog.event_id': '7',
        'otel.scope.name': 'event-log',
        'log.record.uid': `${node}:System:1:${at}`,
      }
    : { 'log.file.path': '/var/log/app.log', 'otel.scope.name': 'files', 'service.name': 'app' };
  const body = bad ? `The device, \\Device\\Harddisk1\\DR1, has a bad block. ${hostile}` : `request ${at} took 3 ms`;
  const timestamp = new Date(atMs).toISOString().replace('Z', '456789Z');
  return `${JSON.stringify({ timestamp, node, severity: bad ? 'error' : 'info', body, attributes })}\n`;
}

/** A signed bundle of one node with logs, metrics, an alert, an inventory, files and a source that was refused. */
export async function makeEvidence(folder: string, options: EvidenceOptions): Promise<string> {
  const { id, fromMs, everyMs, site = 'Plant 7', kernel = '6.1.0' } = options;
  const node = 'node-1';
  const untilMs = fromMs + 15 * 60_000;
  const iso = (unixMs: number): string => new Date(unixMs).toISOString();
  const coverage = sampleCoverage();
  Object.assign(coverage.bundle, {
    id,
    name: formatBundleName({ site, createdMs: untilMs, id }),
    site,
    from: iso(fromMs),
    until: iso(untilMs),
    createdAt: iso(untilMs),
    finishedAt: iso(untilMs + 42_000),
    state: 'partial',
  });
  const source = { node, bytes: 0, first: null, last: null, reason: null, masked: {} };
  coverage.sources.push(
    { ...source, source: 'system/dmesg', state: 'denied', reason: `not permitted ${hostile}` },
    { ...source, source: 'telemetry/logs', state: 'ok', bytes: 1 },
  );
  options.change?.(coverage);

  await mkdir(folder, { recursive: true });
  const stagingFolder = await createStaging(folder, coverage.bundle.name);
  const data = join(stagingFolder, 'data');
  const entry = (path: string) => ({ path, modifiedMs: untilMs });
  const telemetry = createVolumeWriter({ folder: data, base: 'telemetry' });
  const logs: Buffer[] = [];
  for (let atMs = fromMs; atMs < untilMs; atMs += everyMs) logs.push(Buffer.from(logLine(node, atMs, everyMs)));
  await telemetry.add(entry(`logs/${node}/files/20261120T09.ndjson`), logs);
  const samples: Buffer[] = [];
  for (let atMs = fromMs; atMs < untilMs; atMs += 10_000) {
    const seconds = (atMs - fromMs) / 1000;
    const sample = (
      name: string,
      value: number,
      attributes: object,
      more: object = { kind: 'gauge', unit: '1' },
    ): void =>
      void samples.push(
        Buffer.from(`${JSON.stringify({ timestamp: iso(atMs), node, name, value, attributes, ...more })}\n`),
      );
    const bytes = { kind: 'sum', unit: 'By', monotonic: true };
    sample('system.cpu.utilization', 0.6 + 0.3 * Math.sin(seconds / 90), { 'cpu.mode': 'idle' });
    sample('system.memory.utilization', 0.93, { 'system.memory.state': 'used' });
    sample('system.disk.io', seconds * 1e6, { 'disk.io.direction': 'read', 'system.device': 'sda' }, bytes);
    sample('system.network.io', seconds * 3e5, { 'network.io.direction': 'receive' }, bytes);
    const histogram = { count: seconds, bounds: [1, 5], counts: [seconds, 0, 0] };
    sample('http.server.duration', seconds * 0.5, {}, { kind: 'histogram', unit: 's', histogram });
  }
  await telemetry.add(entry(`metrics/${node}.ndjson`), samples);
  // Nobody reads it here: what a bundle holds stands in its lines.
  await telemetry.add(entry(`parquet/metrics/${node}/0001.parquet`), [Buffer.from('PAR1, and nothing of it is true')]);
  const alert = {
    ...{ id: 'a1', rule: 'memory-low', severity: 'warning', state: 'firing', node, subject: '' },
    ...{ since: iso(fromMs), resolvedAt: null, value: 93, limit: 90, unit: '%' },
    ...{ summary: `Memory of ${node} is 93 % used`, whatToDo: 'See which processes hold memory.' },
  };
  const document = (path: string, value: unknown) => telemetry.add(entry(path), [Buffer.from(JSON.stringify(value))]);
  await document('alerts.json', [alert, { half: 'an alert' }]);
  await document(`inventory/${node}.json`, { collectedAt: iso(fromMs), facts: { os: { kernel } } });
  await document('configuration.json', { 'site.name': site, 'collector.port': 8443, kernel });
  await telemetry.close();
  const files = createVolumeWriter({ folder: data, base: node });
  await files.add(entry('system/uname.txt'), [Buffer.from('Linux\n')]);
  await files.close();

  const findings = await analyzeStaging(data, coverage, { nowMs: untilMs });
  if (options.recipients) {
    await encryptPayload(data, options.recipients);
    coverage.bundle.recipients = options.recipients.length;
  }
  const report = renderReport({ coverage, findings, alerts: [], inventories: [], charts: [] });
  const key = loadSigningKey(join(folder, 'keys'));
  return (await sealBundle({ stagingFolder, coverage, findings, report, key })).path;
}
