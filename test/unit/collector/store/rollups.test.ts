import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Aggregation } from '../../../../collector/api/shapes/metrics.ts';
import { readMetricSeries } from '../../../../collector/query/metric-series.ts';
import { parseRange } from '../../../../collector/query/time-value.ts';
import { walkRequest } from '../../../../collector/receive/walk.ts';
import { openStore } from './open-store.ts';
import { bytes, double, fixed64, message, pair, varint } from './wire.ts';

/** Between two slots, in the middle of the samples: what is newer is answered from raw samples. */
let nowMs = Date.parse('2026-09-20T12:07:00Z');
let site: Awaited<ReturnType<typeof openStore>>;
beforeAll(async () => {
  site = await openStore(() => nowMs);
});
afterAll(() => site.close());

const second = 1_000_000_000n;
/** A full hour. */
const start = BigInt(Date.parse('2026-09-20T10:00:00Z')) * 1_000_000n;

interface Sample {
  at: number;
  value: number;
  device: string;
}
const point = ({ at, value, device }: Sample): Buffer =>
  message(
    1,
    pair(7, 'device', device),
    fixed64(2, start - 1000n * second),
    fixed64(3, start + BigInt(Math.round(at * 1000)) * 1_000_000n),
    double(4, value),
  );
/** A gauge `level` and a cumulative counter `count` of the same samples. */
const request = (samples: Sample[]): Buffer => {
  const points = samples.map(point);
  const gauge = message(2, bytes(1, 'level'), message(5, ...points));
  const sum = message(2, bytes(1, 'count'), message(7, ...points, varint(2, 2n), varint(3, 1n)));
  return message(1, message(2, gauge, sum));
};
async function give(samples: Sample[]): Promise<void> {
  const otlp = request(samples);
  const file = { ...site.writeFile('metrics', [otlp]), outline: walkRequest('metrics', otlp).outline };
  await site.store.insertJournalFile(file);
  // Once more, as after a crash: what is there already must not count twice.
  await site.store.insertJournalFile(file, { again: true });
}

/** Two devices for three hours, uneven in time; the counter of the first is reset now and then. */
function someSamples(): Sample[] {
  const samples: Sample[] = [];
  let state = 7;
  const random = (): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
  for (const device of ['sda', 'sdb']) {
    let value = 0;
    for (let at = 0; at < 3 * 3600; at += 5 + random() * 40) {
      value = device === 'sda' && random() < 0.01 ? 0 : value + Math.round(random() * 1000);
      samples.push({ at, value, device });
    }
  }
  return samples;
}

const range = parseRange('2026-09-20T10:00:00Z', '2026-09-20T13:00:00Z', 0);
async function series(name: string, aggregation: Aggregation, stepMs: number, by = ['device']) {
  const answer = await readMetricSeries(site.store, { name, range, stepMs, aggregation, by, where: [] });
  return answer.series.map(({ labels, values }) => [labels, values.map((value) => value && Number(value.toFixed(6)))]);
}
const rolled = async (): Promise<number> => {
  const { rows } = await site.store.query<{ n: number }>(
    'SELECT toUInt32(sum(Count)) AS n FROM metric_rollup_5m FINAL WHERE MetricName = {name:String}',
    { parameters: { name: 'level' } },
  );
  return rows[0]?.n ?? 0;
};
/** The same question with every rollup out of sight. */
async function fromRaw<T>(ask: () => Promise<T>): Promise<T> {
  const hide = (on: boolean) =>
    on ? 'RENAME TABLE rollup_progress TO hidden' : 'RENAME TABLE hidden TO rollup_progress';
  await site.store.query(hide(true)).catch(() => {});
  await site.store.query('CREATE TABLE rollup_progress AS hidden').catch(() => {});
  try {
    return await ask();
  } finally {
    await site.store.query('DROP TABLE rollup_progress SYNC').catch(() => {});
    await site.store.query(hide(false)).catch(() => {});
  }
}

const samples = someSamples();

test('a rollup holds every sample once, whatever was given again, came late or was rolled up twice', async () => {
  const late = samples.filter((_, index) => index % 7 === 0);
  await give(samples.filter((_, index) => index % 7 !== 0));
  await site.store.rollUp();
  expect(await rolled()).toBe(samples.length - late.length);
  await give(late);
  await site.store.rollUp();
  await site.store.rollUp();
  expect(await rolled()).toBe(samples.length);
});

const aggregations = ['min', 'max', 'sum', 'avg', 'last', 'rate'] as const;
const steps = [300_000, 900_000, 3_600_000];
const cases = aggregations.flatMap((aggregation) => steps.map((stepMs) => [aggregation, stepMs] as const));

test.each(cases)('%s in steps of %i ms is the same from rollups and from raw samples', async (aggregation, stepMs) => {
  const name = aggregation === 'rate' ? 'count' : 'level';
  const ask = () => series(name, aggregation, stepMs);
  const answer = await ask();
  expect(answer).toHaveLength(2);
  expect(answer).toEqual(await fromRaw(ask));
});

test('old days are answered when their raw samples are gone', async () => {
  // Everything is closed by now; one more file lets the rollups know.
  nowMs += 3 * 3_600_000;
  await give([{ at: 4 * 3600, value: 1, device: 'sdc' }]);
  await site.store.rollUp();
  const before = await series('count', 'rate', 3_600_000);
  for (const kind of ['gauge', 'sum']) {
    await site.store.query(`ALTER TABLE otel_metrics_${kind} DROP PARTITION '2026-09-20'`).catch(() => {});
  }
  expect(await series('count', 'rate', 3_600_000)).toEqual(before);

  // A straggler of a day that is gone must not replace what the rollup knows of its slot.
  await give([{ at: 12, value: 1, device: 'sda' }]);
  await site.store.rollUp();
  expect(await rolled()).toBe(samples.length + 1);
});
