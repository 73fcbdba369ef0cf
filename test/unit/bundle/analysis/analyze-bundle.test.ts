import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { formatIdentityFile, generateIdentity } from '../../../../bundle/age/key.ts';
import { analyzeBundle } from '../../../../bundle/analysis/analyze-bundle.ts';
import { analyzeStaging, writeFindingsVolume } from '../../../../bundle/analysis/analyze-staging.ts';
import { loadAnalyzers } from '../../../../bundle/analysis/analyzer.ts';
import { parseFindings, withoutEvidence } from '../../../../bundle/analysis/finding.ts';
import { encryptPayload } from '../../../../bundle/encrypt-payload.ts';
import { loadSigningKey } from '../../../../bundle/minisign-key.ts';
import { renderReport } from '../../../../bundle/report.ts';
import { sealBundle } from '../../../../bundle/seal.ts';
import { openSoundBundle, readSoundBundle } from '../../../../bundle/sound-bundle.ts';
import { createStaging } from '../../../../bundle/staging.ts';
import { createVolumeWriter } from '../../../../bundle/volume-writer.ts';
import { sampleCoverage, temporaryFolder } from '../sample-bundle.ts';

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const hostile = '<script>alert(1)</script>\u001b[2J\u202e';
const record = (seconds: number, body: string, attributes: object, node = 'node-1'): string =>
  `${JSON.stringify({ timestamp: `2026-11-20T09:50:${String(seconds).padStart(2, '0')}.000000001Z`, node, severity: 'error', body, attributes })}\n`;
const bad = {
  'windows.eventlog.channel': 'System',
  'windows.eventlog.provider.name': 'disk',
  'windows.eventlog.event_id': '7',
};

/** A bundle with a bad disk, a journal of a node that the collector never heard of, and lines that are no JSON. */
async function make(recipients: ReturnType<typeof generateIdentity>[] = []): Promise<string> {
  const coverage = sampleCoverage();
  coverage.bundle.recipients = recipients.length;
  const stagingFolder = await createStaging(folder, coverage.bundle.name);
  const data = join(stagingFolder, 'data');
  const write = async (base: string, files: Record<string, string>): Promise<void> => {
    const writer = createVolumeWriter({ folder: data, base });
    for (const [path, text] of Object.entries(files)) await writer.add({ path, modifiedMs: 0 }, [Buffer.from(text)]);
    await writer.close();
  };
  const disk = `The device, \\Device\\Harddisk1\\DR1, has a bad block. ${hostile}`;
  await write('telemetry', {
    'logs/node-1/System/20261120T09.ndjson': `${record(1, disk, bad)}no json\n${record(2, disk, bad)}{"node":1}\n`,
    'metrics/node-1.ndjson': '{"timestamp":"2026-11-20T09:50:00Z","node":"node-1","name":"x","value":1}\n',
    'alerts.json': '[{"rule":1}]',
  });
  const entry = (message: string) =>
    `${JSON.stringify({ __REALTIME_TIMESTAMP: '1795168200000000', SYSLOG_IDENTIFIER: 'kernel', MESSAGE: message })}\n`;
  const killed = entry('Out of memory: Killed process 4242 (java) total-vm:1kB');
  await write('node-1', { 'journal/journal.ndjson': killed, 'dumps/var/crash/x': 'x' });
  await write('node-2', { 'journal/journal.ndjson': killed });
  const found = await analyzeStaging(data, coverage, { nowMs: 0 });
  if (recipients.length > 0) await writeFindingsVolume(data, found, 0);
  await encryptPayload(
    data,
    recipients.map(({ recipient }) => recipient),
  );
  const findings = recipients.length > 0 ? withoutEvidence(found) : found;
  const report = renderReport({ coverage, findings, alerts: [], inventories: [], charts: [] });
  const key = loadSigningKey(join(folder, 'keys'));
  return (await sealBundle({ stagingFolder, coverage, findings, report, key })).path;
}

test('findings are made at creation, stand right behind coverage, and are the same when the bundle is read', async () => {
  const path = await make();
  const stored = parseFindings(await readFile(join(path, 'findings.json'), 'utf8'));
  expect(stored?.findings.map(({ analyzer, node, count }) => [analyzer, node, count])).toEqual([
    ['disk-bad-blocks', 'node-1', 2],
    // node-1's journal repeats what the collector has of it; node-2 has its journal alone.
    ['oom-killer', 'node-2', 1],
    ['crash-dumps', 'node-1', 1],
  ]);
  expect(stored).toMatchObject({ records: 3, unread: 2, failed: [] });
  const page = await readFile(join(path, 'index.html'), 'utf8');
  const places = ['Coverage</h2>', 'Findings</h2>', 'Alerts</h2>'].map((title) => page.indexOf(title));
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(page).toContain('has bad blocks: 2 events Disk 7');
  expect(page).not.toMatch(/<script|\u001b|\u202e/);

  const bundle = await openSoundBundle([path]);
  const again = await analyzeBundle(bundle, { scratch: folder, nowMs: 0 });
  expect(again).toEqual(stored);
});

test('beside encrypted volumes lie counts alone; the whole is inside', async () => {
  const [vendor, recovery] = [generateIdentity(), generateIdentity()];
  const path = await make([vendor, recovery]);
  for (const part of ['findings.json', 'index.html']) {
    expect(await readFile(join(path, part), 'utf8')).not.toMatch(/Harddisk1|java|alert\(1\)/);
  }
  const stored = parseFindings(await readFile(join(path, 'findings.json'), 'utf8'));
  expect(stored?.withEvidence).toBe(false);
  expect(stored?.findings[0]).toMatchObject({ analyzer: 'disk-bad-blocks', node: 'node-1', count: 2, text: '' });
  const identities = [recovery];
  const bundle = await openSoundBundle([path], { identities });
  let inside = '';
  await readSoundBundle(
    bundle,
    { identities, scratch: folder, only: (base) => base === '_findings' },
    async (entry) => {
      for await (const piece of await entry.content()) inside += piece.toString('utf8');
    },
  );
  expect(parseFindings(inside)?.findings[0]?.text).toContain('Harddisk1');
  expect(formatIdentityFile(recovery, 0)).toContain('age1');
});

test('analyzers of the reader are run too, and one that is wrong is named with file and line', async () => {
  const { writeFile } = await import('node:fs/promises');
  const rules = join(folder, 'ours.yaml');
  const text = (condition: string): string =>
    `analyzers:\n  - id: ours\n    title: Ours\n    severity: info\n    category: system\n    ${condition}\n    finding: "{count} of ours"\n    next: Nothing\n    examples: { finds: [{ body: x }], ignores: [{ body: y }] }\n`;
  await writeFile(rules, text('logs: [{ has: bad block }]'));
  const bundle = await openSoundBundle([await make()]);
  const { findings } = await analyzeBundle(bundle, { scratch: folder, nowMs: 0, rules: [rules] });
  expect(findings.find(({ analyzer }) => analyzer === 'ours')?.text).toBe('2 of ours');
  for (const [condition, fault] of [
    ['logs: [{ hass: x }]', /ours\.yaml:\d/],
    ['logs: [{ text: x }]', /every record would be tried/],
    ["logs: [{ has: x, text: '(' }]", /ours/],
    ['atLeast: 3', /exactly one of/],
  ] as const) {
    await writeFile(rules, text(condition));
    expect(() => loadAnalyzers([rules]), condition).toThrow(fault);
  }
});
