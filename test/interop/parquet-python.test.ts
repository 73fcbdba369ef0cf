import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { linesOf, type Made, openParquetSite } from '../unit/collector/bundles/parquet-site.ts';

const run = promisify(execFile);
const script = join(import.meta.dirname, 'parquet-from-python.py');
const packages = ['duckdb==2.0.1', 'pandas==3.1.1', 'pyarrow==26.0.1'];

/** Brought from their registry, which no everyday run should need. */
const asked = process.env.SEXTANT_INTEROP === '1';
const hasPython = spawnSync('python3', ['-c', 'import venv, ensurepip']).status === 0;
if (!asked)
  console.warn('SKIPPED: DuckDB, pandas and PyArrow; set SEXTANT_INTEROP=1 to fetch them from PyPI and run them');
else if (!hasPython) console.warn('SKIPPED: DuckDB, pandas and PyArrow; this machine has no python3 with venv and pip');

type Row = Record<string, unknown>;

/** A line as a row of typed columns; times as nanoseconds. */
function asRow(kind: 'logs' | 'metrics', line: Row, scope: string): Row {
  const nanos = (time: unknown): string | null => {
    if (time === undefined) return null;
    const [seconds = '', digits = ''] = String(time).slice(0, -1).split('.');
    return String(BigInt(Date.parse(`${seconds}Z`)) * 1_000_000n + BigInt(digits.padEnd(9, '0')));
  };
  const row = { ...line, timestamp: nanos(line.timestamp) };
  return kind === 'logs'
    ? { resource: {}, eventName: null, traceId: null, spanId: null, ...row, scope }
    : {
        ...{ monotonic: null, histogram: { count: null, bounds: [], counts: [] }, ...row },
        deltaSince: nanos(line.deltaSince),
      };
}

describe.skipIf(!asked || !hasPython)('Parquet of a bundle in the hands of other programs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sextant-parquet-python-'));
  let site: Awaited<ReturnType<typeof openParquetSite>>;
  let made: Made;

  beforeAll(async () => {
    site = await openParquetSite();
    made = await site.make('strict');
    for (const [path, content] of made.entries) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    await run('python3', ['-m', 'venv', join(folder, 'venv')]);
    await run(join(folder, 'venv/bin/pip'), ['install', '--quiet', '--disable-pip-version-check', ...packages]);
  }, 300_000);
  afterAll(async () => {
    await site?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('DuckDB, PyArrow and pandas read the rows that the lines have', async () => {
    const copies = [...made.entries].filter(([path]) => path.startsWith('parquet/'));
    expect(copies).toHaveLength(3);
    const paths = copies.map(([path]) => join(folder, path));
    const { stdout } = await run(join(folder, 'venv/bin/python'), [script, 'rows', ...paths], { maxBuffer: 2 ** 28 });
    const told = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { by: string; rows: Row[] });
    expect(told).toHaveLength(9);
    for (const [at, [path]] of copies.entries()) {
      const [, kind, , scope = ''] = path.split('/');
      const below = path.replace(/^parquet\//, '').replace(/\/0001\.parquet$/, '');
      const lines = [...made.entries].filter(([name]) => name === `${below}.ndjson` || name.startsWith(`${below}/`));
      const rows = linesOf(lines.map(([, content]) => content)).map((line) =>
        asRow(kind as 'logs' | 'metrics', line, scope),
      );
      expect(rows.length).toBeGreaterThan(10);
      const [arrow, duckdb, pandas] = told.slice(at * 3, at * 3 + 3);
      expect(arrow?.rows).toEqual(rows);
      expect(duckdb?.rows).toEqual(rows);
      expect(pandas?.rows).toEqual(rows.map(({ timestamp, node }) => ({ timestamp, node })));
    }
  }, 120_000);

  test('DuckDB understands the queries of docs/support-engineer.md', async () => {
    const docs = readFileSync(join(import.meta.dirname, '../../docs/support-engineer.md'), 'utf8');
    const block = /```sql\n(-- duckdb[\s\S]*?)```/.exec(docs)?.[1] ?? '';
    const queries = block.split(/;\n\n/).filter((sql) => sql.includes('SELECT'));
    const { stdout } = await run(join(folder, 'venv/bin/python'), [script, 'ask', ...queries], { cwd: folder });
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      ['t', 'node', 'mode', 'share'],
      ['node', 'scope', 'records', 'first', 'last'],
    ]);
  });
});
