import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, onTestFailed, onTestFinished, test, vi } from 'vitest';
import { run } from '../e2e/running-site.ts';
import { count, long } from '../long.ts';

const program = fileURLToPath(new URL('../../bin/sextant.js', import.meta.url));
const MiB = 1024 * 1024;
const dayMs = 86_400_000;
/** As long as a test may take. */
const dayLastsMs = 300_000;
const isRoot = process.getuid?.() === 0;
if (long && !isRoot)
  process.stderr.write('SKIPPED: the free-space floor on a filesystem of its own needs root, to mount it\n');
const patience = { timeout: 120_000, interval: 200 };

/** The collector as a user starts it, with OTLP in the clear on loopback, and what a test asks of it. */
async function startCollector(dataDir: string, storage: string) {
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(
    join(dataDir, 'sextant.yaml'),
    `collector:
  otlp: { http: { enabled: true, port: 0 }, plain: true, listen: 127.0.0.1 }
  storage: ${storage}
  metrics: { interval: 1h }
`,
  );
  const child = spawn(process.execPath, [program, 'collector', 'run', '--data-dir', dataDir, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  onTestFailed(() => void process.stderr.write(output.slice(-10_000)));
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  await vi.waitFor(() => expect(output).toContain('the collector answers'), patience);
  const port = /"http":(\d+)/.exec(output)?.[1];

  const json = async (...args: string[]) => {
    const { code, stdout, stderr } = await run([process.execPath, program, ...args, '--json', '--data-dir', dataDir]);
    if (code !== 0) throw new Error(`sextant ${args.join(' ')} ended with ${code}: ${stderr}`);
    return stdout
      .trim()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  };
  return {
    json,
    /** Sends so many bytes that do not compress, told to be of a day that is so many days past; the status. */
    async send(daysAgo: number, bytes: number): Promise<number> {
      const logRecords = Array.from({ length: 10 }, () => ({
        timeUnixNano: `${Date.now() - daysAgo * dayMs}000000`,
        body: { stringValue: randomBytes(bytes / 20).toString('hex') },
      }));
      const answer = await fetch(`http://127.0.0.1:${port}/v1/logs`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] }),
      });
      await answer.arrayBuffer();
      return answer.status;
    },
    /** How many days ago the logs are that senders' records are kept of, with their number. */
    async days(): Promise<Record<string, number>> {
      const rows = await json(
        'sql',
        `SELECT dateDiff('day', toDate(Timestamp), toDate('${dayOf(0)}')) AS ago, toUInt32(count()) AS n FROM otel_logs ` +
          "WHERE Node = 'otlp:loopback' GROUP BY ago ORDER BY ago",
      );
      return Object.fromEntries(rows.map(({ ago, n }) => [ago, n]));
    },
    async storedBytes(): Promise<number> {
      const [row] = await json('sql', 'SELECT toUInt64(sum(bytes_on_disk)) AS bytes FROM system.parts WHERE active');
      return Number(row.bytes);
    },
    /** What the collector tells of days that it dropped, in the logs that anybody reads. */
    async told(): Promise<string[]> {
      const rows = await json(
        'sql',
        "SELECT Body FROM otel_logs WHERE Node = '@collector' AND Body LIKE 'Dropped %' ORDER BY Timestamp",
      );
      return rows.map(({ Body }) => Body);
    },
  };
}

const dayOf = (daysAgo: number): string => new Date(Date.now() - daysAgo * dayMs).toISOString().slice(0, 10);

/** The collector keeps the day that is, in UTC: one that ends meanwhile would be another test. So it begins behind midnight. */
beforeAll(async () => {
  const leftMs = dayMs - (Date.now() % dayMs);
  if (leftMs < dayLastsMs) await pause(leftMs);
}, 2 * dayLastsMs);

test('above its byte cap storage drops its oldest day, then the next, then takes nothing more, and says so', {
  timeout: 300_000,
}, async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'sextant-cap-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const cap = count(12, 100) * MiB;
  const { send, days, told, storedBytes, json } = await startCollector(dataDir, `{ maxBytes: ${cap} }`);

  const piece = Math.ceil(cap / count(40, 80));
  const perDay = count(5, 10);
  const rows = perDay * 10;
  for (const ago of [3, 2, 1]) {
    for (let n = 0; n < perDay; n++) await vi.waitFor(async () => expect(await send(ago, piece)).toBe(200), patience);
  }
  await vi.waitFor(async () => expect(await days()).toEqual({ 1: rows, 2: rows, 3: rows }), patience);
  expect(await told()).toEqual([]);

  // Today comes in as fast as it is taken, until it is refused although nothing waits any more: what waits counts as four
  // times its bytes, and takes three.
  let taken = 0;
  await vi.waitFor(
    async () => {
      let status = 200;
      while (status === 200) {
        status = await send(0, piece);
        if (status === 200) taken++;
      }
      expect(status).toBe(503);
      expect(await days()).toEqual({ 0: taken * 10 });
    },
    { ...patience, interval: 20 },
  );
  // It holds, and most of what may be used is used: merges make what is stored smaller after it was told.
  const atTheEnd = await storedBytes();
  expect(atTheEnd).toBeLessThanOrEqual(cap + MiB);
  expect(atTheEnd).toBeGreaterThan(cap * 0.75);

  const inOrder = [3, 2, 1].map((ago) => expect.stringContaining(`Dropped logs of ${dayOf(ago)}: ${rows} rows`));
  await vi.waitFor(async () => expect(await told()).toEqual(inOrder), patience);
  const audited = (await json('audit')).flat().filter((entry) => JSON.stringify(entry).includes('drop'));
  for (const ago of [3, 2, 1]) expect(JSON.stringify(audited)).toContain(dayOf(ago));
  if (long)
    console.log(`cap ${cap} bytes, ${taken} batches of ${piece} bytes of today taken, ${atTheEnd} bytes at the end`);
});

test.runIf(isRoot && long)(
  'below its free-space floor senders get 503, the oldest day goes, and then it takes again',
  {
    timeout: 300_000,
  },
  async () => {
    const at = mkdtempSync(join(tmpdir(), 'sextant-floor-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=128m', 'tmpfs', at]);
    onTestFinished(() => {
      execFileSync('umount', ['-l', at]);
      rmSync(at, { recursive: true, force: true });
    });
    const { send, days, told } = await startCollector(join(at, 'data'), '{ minFreeBytes: 64MiB }');
    for (const ago of [2, 1]) for (let n = 0; n < 10; n++) expect(await send(ago, MiB)).toBe(200);
    await vi.waitFor(async () => expect(await days()).toEqual({ 1: 100, 2: 100 }), patience);

    // Files that wait and parts that were merged take room for a moment only: after a refusal it may take again with
    // both days still there. So it goes on until what is stored leaves no room.
    const statuses = new Set<number>();
    let refusals = 0;
    await vi.waitFor(
      async () => {
        let status = 200;
        for (let n = 0; n < 10 && status === 200; n++) {
          status = await send(0, MiB);
          statuses.add(status);
        }
        if (status === 503) refusals++;
        expect(Object.keys(await days())).not.toContain('2');
      },
      { ...patience, interval: 20 },
    );
    console.log(`${refusals} refusals until the oldest day went`);
    expect([...statuses].sort()).toEqual([200, 503]);
    await vi.waitFor(async () => expect(await send(0, 1000)).toBe(200), patience);
    await vi.waitFor(async () => expect((await told())[0]).toContain(`Dropped logs of ${dayOf(2)}`), patience);
  },
);
