import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { BundleOrigin } from '../../../../collector/api/shapes/bundles.ts';
import { type BundleRecord, createBundleRecords } from '../../../../collector/bundles/bundle-record.ts';
import { createBundleRetention, excess } from '../../../../collector/bundles/bundle-retention.ts';
import { createAuditTrail } from '../../../../collector/state/audit.ts';
import { openState } from '../../../../collector/state/state.ts';
import { openJournal } from '../../../../media/export/journal.ts';
import { silentLog } from '../api/site.ts';

const hour = 3_600_000;
const begin = Date.UTC(2026, 10, 28);

/** The n-th bundle, of 100 bytes, finished in the n-th hour. */
const made = (n: number, origin: BundleOrigin = 'request', bytes = 100): BundleRecord => ({
  id: `bundle00${n}`,
  name: `sx-site-2026112${n}T000000Z-bundle00${n}`,
  state: 'complete',
  ...{ fromUnixMs: 0, untilUnixMs: 1, createdUnixMs: begin + n * hour, finishedUnixMs: begin + n * hour },
  ...{
    bytes,
    error: null,
    requestedBy: 'eva',
    origin,
    nodes: [],
    roles: [],
    classes: [],
    redaction: 'standard',
    items: [],
  },
  ...{ caps: { perClass: {} }, raw: false, parquet: false },
  attempts: 1,
  removedUnixMs: null,
});

function retention(records: BundleRecord[], options = { keep: 2, maxBytes: 10_000 }) {
  const folder = mkdtempSync(join(tmpdir(), 'sextant-retention-'));
  const clock = { nowMs: begin + 24 * hour };
  const nowMs = () => clock.nowMs;
  const state = openState(folder, { nowMs });
  onTestFinished(() => {
    state.close();
    rmSync(folder, { recursive: true });
  });
  const audit = createAuditTrail(state, { nowMs });
  const known = createBundleRecords(state);
  const bundles = join(folder, 'bundles');
  for (const record of records) {
    known.save(record);
    mkdirSync(join(bundles, record.name, 'data'), { recursive: true });
    writeFileSync(join(bundles, record.name, 'data', 'n1.v001.zip'), 'x'.repeat(record.bytes));
  }
  const kept = createBundleRetention(
    { folder: bundles, records: known, audit: audit.record, log: silentLog, nowMs },
    options,
  );
  return { kept, clock, nowMs, audit, bundles, known, left: () => readdirSync(bundles).sort() };
}

test('the oldest bundles go when there are too many, and each removal is in the audit', async () => {
  const { kept, left, known, audit } = retention([made(1), made(2), made(3)]);
  await kept.apply();
  expect(left()).toEqual([made(2).name, made(3).name]);
  expect(known.get(made(1).id)).toMatchObject({ state: 'complete', removedUnixMs: begin + 24 * hour });
  expect(audit.list({ limit: 10 })).toMatchObject([
    { event: 'bundle.removed', details: { bundle: made(1).id, bytes: 100, because: 'count' } },
  ]);
  await kept.apply();
  expect(audit.list({ limit: 10 })).toHaveLength(1);
});

test('bundles of alerts and schedules never push out those that people asked for', () => {
  const newestFirst = [made(6, 'alert'), made(5, 'alert'), made(4, 'alert'), made(3, 'schedule'), made(2), made(1)];
  expect(excess(newestFirst, { keep: 2, maxBytes: 10_000 }).map(({ record }) => record.id)).toEqual([made(4).id]);
});

test('bytes are counted over all of them, and the newest stays however large it is', () => {
  const newestFirst = [made(3, 'request', 5000), made(2, 'schedule', 300), made(1, 'request', 300)];
  expect(excess(newestFirst, { keep: 9, maxBytes: 1000 })).toMatchObject([
    { record: { id: made(1).id }, because: 'bytes' },
    { record: { id: made(2).id }, because: 'bytes' },
  ]);
  expect(excess(newestFirst, { keep: 9, maxBytes: 5300 }).map(({ record }) => record.id)).toEqual([made(1).id]);
});

test('a bundle that is being copied stays, and for ten minutes after its last part', async () => {
  const { kept, left, clock } = retention([made(1), made(2), made(3)]);
  const first = kept.hold(made(1).id);
  const second = kept.hold(made(1).id);
  first.release();
  first.release();
  clock.nowMs += hour;
  await kept.apply();
  expect(left()).toHaveLength(3);
  second.release();
  clock.nowMs += 9 * 60_000;
  await kept.apply();
  expect(left()).toHaveLength(3);
  clock.nowMs += 2 * 60_000;
  await kept.apply();
  expect(left()).toEqual([made(2).name, made(3).name]);
});

test('a bundle that has just been finished stays although a newer one is there', async () => {
  const { kept, left, clock } = retention([made(1), made(2)], { keep: 1, maxBytes: 10_000 });
  clock.nowMs = begin + hour + 1000;
  await kept.apply();
  expect(left()).toHaveLength(2);
});

test('a bundle on its way to a medium stays until the export has finished', async () => {
  const { kept, left, bundles, nowMs, clock } = retention([made(1), made(2), made(3)]);
  const journal = openJournal(join(bundles, made(1).name), 'abcdefghijkl', { nowMs });
  journal.record({ event: 'planned', exportId: 'abcdefghijkl', bundle: made(1).name, who: 'eva', approvedBy: [] });
  clock.nowMs += 23 * hour;
  await kept.apply();
  expect(left()).toContain(made(1).name);
  journal.record({ event: 'finished' });
  journal.close();
  await kept.apply();
  expect(left()).not.toContain(made(1).name);
});

test('a bundle that somebody deleted by hand is known to be gone', async () => {
  const { kept, known, bundles } = retention([made(1)]);
  rmSync(join(bundles, made(1).name), { recursive: true });
  await kept.apply();
  expect(known.kept()).toEqual([]);
});

test('somebody may have one removed at once, unless it is being copied or exported', async () => {
  const { kept, left, bundles, nowMs, clock, audit } = retention([made(1), made(2), made(3)]);
  clock.nowMs = begin + 3 * hour + 1000;
  const held = kept.hold(made(3).id);
  await expect(kept.remove(made(3), 'eva')).rejects.toMatchObject({ code: 'SX_CONFLICT' });
  held.release();
  await kept.remove(made(3), 'eva');
  const journal = openJournal(join(bundles, made(1).name), 'abcdefghijkl', { nowMs });
  journal.record({ event: 'planned', exportId: 'abcdefghijkl', bundle: made(1).name, who: 'eva', approvedBy: [] });
  await expect(kept.remove(made(1), 'eva')).rejects.toMatchObject({ code: 'SX_CONFLICT' });
  journal.close();
  expect(left().filter((name) => name.startsWith('sx-'))).toEqual(expect.arrayContaining([made(2).name]));
  expect(left()).not.toContain(made(3).name);
  expect(audit.list({ limit: 10 })).toMatchObject([
    { event: 'bundle.removed', who: 'eva', details: { bundle: made(3).id, because: 'asked' } },
  ]);
});
