import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createRedactor } from '../../../../bundle/redaction/redactor.ts';
import { unanswered } from '../../../../bundle/unanswered.ts';
import { readSiteRecords } from '../../../../collector/bundles/site-records.ts';
import { documentSource, documentText, telemetryDocuments } from '../../../../collector/bundles/telemetry-documents.ts';
import { createAuditTrail } from '../../../../collector/state/audit.ts';
import { openState } from '../../../../collector/state/state.ts';
import { loadSettings } from '../../../../config/load.ts';
import { sampleCoverage } from '../../bundle/sample-bundle.ts';
import { noStorage } from './no-storage.ts';

const from = Date.parse('2026-11-20T08:00:00Z');

/** What a bundle of the window would hold and say of an audit with so many entries in it, a second apart. */
async function extractOf(entries: number) {
  const folder = mkdtempSync(join(tmpdir(), 'sextant-audit-'));
  let nowMs = from - 1000;
  const state = openState(folder, { nowMs: () => nowMs });
  onTestFinished(() => {
    state.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const audit = createAuditTrail(state, { nowMs: () => nowMs });
  audit.record('sql.asked', 'eva', { n: 'before' });
  state.transaction(() => {
    for (let n = 0; n < entries; n += 1) {
      nowMs = from + n * 1000;
      audit.record('sql.asked', 'eva', { n });
    }
  });
  const records = await readSiteRecords(
    {
      ...{ registry: { inventory: () => undefined }, alerts: { list: () => [] }, audit, store: noStorage },
      settings: loadSettings({ dataDir: folder }),
    },
    { fromUnixMs: from, untilUnixMs: from + 86_400_000, asked: [], nodes: [] },
    new AbortController().signal,
  );
  const redactor = createRedactor({ key: Buffer.alloc(32), profile: 'none', names: [] });
  const document = telemetryDocuments(records, [], redactor).documents.find(({ source }) => source === 'audit');
  if (!document) throw new Error('a bundle without an audit');
  const text = documentText(document, redactor, {});
  return { held: JSON.parse(text) as { details: { n: number } }[], source: documentSource(document, text.length, {}) };
}

test('coverage says from when to when the audit of a bundle reaches', async () => {
  expect((await extractOf(3)).source).toMatchObject({
    ...{ state: 'ok', reason: null, first: '2026-11-20T08:00:00.000Z', last: '2026-11-20T08:00:02.000Z' },
  });
  expect((await extractOf(0)).source).toMatchObject({ state: 'ok', first: null, last: null });
});

test('of a long audit the newest entries are in it, and coverage counts the others', async () => {
  const { held, source } = await extractOf(10_003);
  expect(held).toHaveLength(10_000);
  expect([held[0]?.details.n, held.at(-1)?.details.n]).toEqual([10_002, 3]);
  expect(source).toMatchObject({
    state: 'partial',
    first: '2026-11-20T08:00:03.000Z',
    last: '2026-11-20T10:46:42.000Z',
    leftOut: { records: 3, bytes: expect.any(Number) },
    reason: expect.stringMatching(
      /^the newest 10000 of 10003 entries of the window, from 2026-11-20T08:00:03\.000Z on/,
    ),
  });
  expect(unanswered(sampleCoverage({ sources: [source] }))).toEqual([
    expect.stringContaining('What else stood in audit of the collector: a limit of size left out some'),
  ]);
});
