import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { analyzeStaging } from '../../../bundle/analysis/analyze-staging.ts';
import { withoutEvidence } from '../../../bundle/analysis/finding.ts';
import { findingsSchemaText } from '../../../bundle/findings-schema.ts';
import { loadSigningKey } from '../../../bundle/minisign-key.ts';
import { renderReport } from '../../../bundle/report.ts';
import { sealBundle } from '../../../bundle/seal.ts';
import { createStaging } from '../../../bundle/staging.ts';
import { createVolumeWriter } from '../../../bundle/volume-writer.ts';
import { sampleCoverage } from './sample-bundle.ts';

let folder: string;
let bundle: string;
const read = async (name: string): Promise<unknown> => JSON.parse(await readFile(join(bundle, name), 'utf8'));
/** A validator that is not the one the program checks with. */
const validator = async (name: string) =>
  new Ajv2020({ strict: true, allErrors: true }).compile(Object(await read(name)));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sextant-schemas-'));
  const [source] = sampleCoverage().sources;
  if (!source) throw new Error('a sample without a source');
  const coverage = sampleCoverage({
    sources: [
      {
        ...source,
        state: 'partial',
        reason: 'rotated',
        leftOut: { bytes: 7, records: 1 },
        gaps: [
          { kind: 'silence', from: '2026-11-20T09:50:00Z', until: '2026-11-20T09:55:00Z', what: 'files was silent' },
        ],
      },
    ],
    unanswered: ['What only node-2 could tell'],
    notes: ['made for a test'],
  });
  const stagingFolder = await createStaging(folder, coverage.bundle.name);
  const data = join(stagingFolder, 'data');
  const writer = createVolumeWriter({ folder: data, base: 'telemetry' });
  const body = 'EXT4-fs error (device sda1): ext4_find_entry: reading directory lblock 0';
  const record = { timestamp: '2026-11-20T09:50:00Z', node: 'node-1', severity: 'error', body, attributes: {} };
  await writer.add({ path: 'logs/node-1/journald/20261120T09.ndjson', modifiedMs: 0 }, [
    Buffer.from(`${JSON.stringify(record)}\n`),
  ]);
  await writer.close();
  const signal = new AbortController().signal;
  const findings = await analyzeStaging(data, coverage, { nowMs: Date.UTC(2026, 10, 20, 10), signal });
  const report = renderReport({ coverage, findings, alerts: [], inventories: [], charts: [] });
  const key = loadSigningKey(join(folder, 'keys'));
  bundle = (await sealBundle({ stagingFolder, coverage, findings, report, key })).path;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test.each(['coverage', 'findings'])('a bundle carries a schema that its own %s.json follows', async (name) => {
  const validate = await validator(`${name}.schema.json`);
  const document = await read(`${name}.json`);
  expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
});

test('the schemas tell what is none of theirs', async () => {
  const coverage = await validator('coverage.schema.json');
  const findings = await validator('findings.schema.json');
  const good = Object(await read('findings.json')) as { findings: object[] };
  expect(good.findings.length).toBeGreaterThan(0);
  expect(findings(withoutEvidence(good as never))).toBe(true);
  expect(findings({ ...good, findings: good.findings.map((finding) => ({ ...finding, severity: 'dreadful' })) })).toBe(
    false,
  );
  expect(findings({ ...good, more: 1 })).toBe(false);
  expect(coverage(await read('findings.json'))).toBe(false);
  const { bundle: about, ...rest } = Object(await read('coverage.json'));
  expect(coverage({ ...rest, bundle: { ...about, state: 'fine' } })).toBe(false);
});

test('the schema of findings in the package is the one that the program checks with', () => {
  const shipped = readFileSync(new URL('../../../bundle/findings.schema.json', import.meta.url), 'utf8');
  expect(JSON.parse(shipped)).toEqual(JSON.parse(findingsSchemaText()));
});
