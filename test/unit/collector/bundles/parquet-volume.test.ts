import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parquetFolder } from '../../../../bundle/parquet.ts';
import { redactionProfiles } from '../../../../bundle/redaction/profile.ts';
import type { LocalEngine } from '../../../../collector/store/store.ts';
import { linesOf, type Made, openParquetSite, parts } from './parquet-site.ts';

let site: Awaited<ReturnType<typeof openParquetSite>>;
beforeAll(async () => {
  site = await openParquetSite();
});
afterAll(() => site.close());

/** The rows of a Parquet file as the engine reads them by what the file itself says of its columns. */
async function rowsOf(content: Buffer): Promise<Record<string, unknown>[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sextant-parquet-'));
  const path = join(folder, 'x.parquet');
  writeFileSync(path, content);
  const rows = await site.local.rows<Record<string, unknown>>(
    `SELECT * FROM file({path:String}, 'Parquet') SETTINGS max_threads = 1, date_time_output_format = 'iso', output_format_json_quote_denormals = 1`,
    { path },
  );
  rmSync(folder, { recursive: true });
  return rows;
}

/** A row without what stands for a field that a line does not have. */
const asLine = ({ scope: _, ...row }: Record<string, unknown>): Record<string, unknown> => {
  const told = Object.entries(row).filter(
    ([name, value]) => !(value === null && name !== 'value') && !(name === 'resource' && isEmpty(value)),
  );
  const { histogram, ...line } = Object.fromEntries(told) as { histogram?: { count: unknown } };
  return histogram?.count === null || histogram === undefined ? line : { ...line, histogram };
};
const isEmpty = (value: unknown): boolean => Object.keys(value as object).length === 0;

/** Times of lines have as many digits as they need. */
const withWholeTimes = (line: Record<string, unknown>): Record<string, unknown> => {
  const whole = Object.entries(line).map(([name, value]) => {
    if (name !== 'timestamp' && name !== 'deltaSince') return [name, value];
    const [seconds = '', digits = ''] = String(value).slice(0, -1).split('.');
    return [name, `${seconds}.${digits.padEnd(9, '0')}Z`];
  });
  return Object.fromEntries(whole);
};

test.each(redactionProfiles)(
  'Parquet has the lines of the volume row by row, and no other value (%s)',
  async (profile) => {
    const made = await site.make(profile, { pieceBytes: 40_000 });
    const paths = [...made.entries.keys()].filter((path) => path.startsWith(`${parquetFolder}/`));
    const [ofMetrics] = [...made.entries.keys()].filter((path) => path.startsWith('metrics/'));
    const called = ofMetrics?.slice('metrics/'.length, -'.ndjson'.length);
    expect(paths).toContain(`parquet/metrics/${called}/0001.parquet`);
    expect(paths.filter((path) => path.includes('metrics')).length).toBeGreaterThan(1);

    const lines = linesOf(parts(made, 'metrics'));
    const rows = (await Promise.all(parts(made, 'parquet/metrics').map(rowsOf))).flat();
    expect(rows).toHaveLength(400);
    expect(rows.map(asLine)).toEqual(lines.map(withWholeTimes));

    const all: unknown[] = [paths, rows];
    for (const [scope, count] of Object.entries({ journald: 400, app_files: 20 })) {
      const ofScope = linesOf(parts(made, `logs/${called}/${scope}`));
      const logRows = (await Promise.all(parts(made, `parquet/logs/${called}/${scope}`).map(rowsOf))).flat();
      expect(logRows).toHaveLength(count);
      expect(logRows.map(asLine)).toEqual(ofScope.map(withWholeTimes));
      expect(new Set(logRows.map((row) => row.scope))).toEqual(new Set([scope]));
      all.push(logRows);
    }
    const told = made.sources.filter(({ source }) => source.endsWith('-parquet'));
    expect(told.map(({ source, state, reason }) => [source, state, reason])).toEqual([
      ['telemetry/logs-parquet', 'ok', null],
      ['telemetry/metrics-parquet', 'ok', null],
    ]);
    for (const { source, bytes } of told) {
      const below = `parquet/${source.slice('telemetry/'.length, -'-parquet'.length)}`;
      expect(bytes).toBe(parts(made, below).reduce((sum, { length }) => sum + length, 0));
    }
    expect(made.left).toEqual([]);
    const secrets = JSON.stringify(all).match(/hunter2|jdoe|node-1\b|10\.1\.2\.3/g);
    if (profile === 'none') expect(secrets).not.toBeNull();
    else expect(secrets).toBeNull();
  },
);

/** The engine, with something put in front of its answers. */
const engineThat = (over: Partial<LocalEngine>): LocalEngine => ({ ...site.local, ...over });
const isOf = (kind: 'logs' | 'metrics', sql: string): boolean => sql.includes('AS scope') === (kind === 'logs');
const stateOf = ({ sources }: Made, source: string) => sources.find((one) => one.source === source);

test('a conversion that fails costs the Parquet of its source alone, all of it, and coverage says so', async () => {
  const whole = await site.make('standard');
  let asked = 0;
  const engine = engineThat({
    command: async (sql, parameters) => {
      if (isOf('metrics', sql) && ++asked === 2) {
        throw Object.assign(new Error('not enough for this line: hunter2'), { type: 'MEMORY_LIMIT_EXCEEDED' });
      }
      return site.local.command(sql, parameters);
    },
  });
  const made = await site.make('standard', { engine, pieceBytes: 40_000 });
  expect(asked).toBe(2);
  expect(parts(made, 'parquet/metrics')).toEqual([]);
  expect(stateOf(made, 'telemetry/metrics-parquet')).toMatchObject({
    ...{ state: 'failed', bytes: 0, first: null, last: null },
    reason:
      'no Parquet was made of it, all of it is there as NDJSON: the engine cannot write or read it (MEMORY_LIMIT_EXCEEDED)',
  });
  // The collector's own log has all of it.
  expect(made.failures).toEqual([
    {
      kind: 'metrics',
      path: expect.stringMatching(/^metrics\//),
      error: expect.objectContaining({
        cause: expect.objectContaining({ message: 'not enough for this line: hunter2' }),
      }),
    },
  ]);
  expect(whole.failures).toEqual([]);
  expect(stateOf(made, 'telemetry/metrics')).toMatchObject({ state: 'ok', reason: null });
  expect(parts(made, 'metrics')).toEqual(parts(whole, 'metrics'));
  expect(stateOf(made, 'telemetry/logs-parquet')).toMatchObject({ state: 'ok' });
  expect(made.left).toEqual([]);
});

test('of a file that is not what its lines are nothing reaches the volume', async () => {
  for (const over of [{ digest: '7' }, { rows: 399 }]) {
    const engine = engineThat({
      rows: async <Row>(sql: string, parameters: Record<string, unknown>) => {
        const [found] = await site.local.rows<object>(sql, parameters);
        return [parameters.format === 'Parquet' ? { ...found, ...over } : found] as Row[];
      },
    });
    const made = await site.make('standard', { engine });
    expect(parts(made, 'parquet')).toEqual([]);
    for (const source of ['telemetry/logs-parquet', 'telemetry/metrics-parquet']) {
      expect(stateOf(made, source)).toMatchObject({
        state: 'failed',
        reason: expect.stringMatching(/differs from the \d+ lines$/),
      });
    }
  }
});

test('without room beside what must stay free there is no Parquet, and a bundle all the same', async () => {
  const made = await site.make('standard', { minFreeBytes: 2 ** 40 });
  expect(parts(made, 'parquet')).toEqual([]);
  expect(parts(made, 'metrics')).toHaveLength(1);
  const reason = expect.stringContaining('1 TiB are free, and 1 TiB have to stay so');
  expect(stateOf(made, 'telemetry/metrics-parquet')).toMatchObject({ state: 'failed', reason });
});

test('a bundle that is cancelled while the engine writes leaves nothing', async () => {
  const abort = new AbortController();
  const engine = engineThat({
    command: async (sql, parameters) => {
      abort.abort(new Error('cancelled'));
      await site.local.command(sql, parameters);
    },
  });
  await expect(site.make('standard', { engine, signal: abort.signal, pieceBytes: 40_000 })).rejects.toThrow(
    'cancelled',
  );
  expect(existsSync(join(site.newest(), 'scratch'))).toBe(false);
});
