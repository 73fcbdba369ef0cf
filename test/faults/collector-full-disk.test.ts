import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, onTestFailed, onTestFinished, test, vi } from 'vitest';
import type { AlertRow } from '../../collector/api/shapes/alerts.ts';
import { run } from '../e2e/running-site.ts';
import { count, long } from '../long.ts';
import { fillDisk } from './small-disk.ts';

const program = fileURLToPath(new URL('../../bin/sextant.js', import.meta.url));
const MiB = 1024 * 1024;
const isRoot = process.getuid?.() === 0;
if (!isRoot) process.stderr.write('SKIPPED: the 64 MB filesystem that fills needs root, to mount it\n');

type FileSystem = 'tmpfs' | 'ext4';

/** A real filesystem of 64 MB, gone after the test. */
function mountSmall(kind: FileSystem): string {
  const at = mkdtempSync(join(tmpdir(), 'sextant-64mb-'));
  if (kind === 'tmpfs') execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', at]);
  else {
    execFileSync('truncate', ['-s', '64M', `${at}.image`]);
    execFileSync('mkfs.ext4', ['-q', '-m', '0', `${at}.image`]);
    execFileSync('mount', ['-o', 'loop', `${at}.image`, at]);
  }
  onTestFinished(() => {
    execFileSync('umount', ['-l', at]);
    rmSync(at, { recursive: true, force: true });
    rmSync(`${at}.image`, { force: true });
  });
  return at;
}

interface Running {
  process: ChildProcess;
  otlp: string;
}

/** The collector as a user starts it; resolves when it answers. */
async function startCollector(dataDir: string): Promise<Running> {
  const child = spawn(process.execPath, [program, 'collector', 'run', '--data-dir', dataDir, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  const said: string[] = [];
  onTestFailed(() => void process.stderr.write(said.join('').slice(-20_000)));
  const ready = Promise.withResolvers<Running>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      said.push(text);
      // A start that met the full disk after it had begun to listen is tried again, on another port.
      const port = [...output.matchAll(/"http":(\d+)/g)].at(-1)?.[1];
      if (port && output.includes('the collector answers')) {
        ready.resolve({ process: child, otlp: `http://127.0.0.1:${port}/v1/logs` });
        output = '';
      }
    });
  }
  child.once('close', (code) => ready.reject(new Error(`the collector ended with ${code}:\n${output.slice(-5000)}`)));
  return ready.promise;
}

const command = async (dataDir: string, ...args: string[]): Promise<string> => {
  const { code, stdout, stderr } = await run([process.execPath, program, ...args, '--data-dir', dataDir]);
  if (code !== 0) throw new Error(`sextant ${args.join(' ')} ended with ${code}: ${stderr}`);
  return stdout;
};

const patience = { timeout: long ? 300_000 : 60_000, interval: 100 };

test.runIf(isRoot).each<FileSystem>(long ? ['tmpfs', 'ext4'] : ['tmpfs'])(
  'a filesystem of 64 MB (%s) that fills and empties loses nothing that was acknowledged, and ends no process',
  { timeout: long ? 3_600_000 : 300_000 },
  async (kind) => {
    const at = mountSmall(kind);
    const dataDir = join(at, 'data');
    mkdirSync(dataDir);
    writeFileSync(
      join(dataDir, 'sextant.yaml'),
      `
collector:
  otlp: { http: { enabled: true, port: 0 }, plain: true, listen: 127.0.0.1 }
  storage: { minFreeBytes: 0 }
  metrics: { interval: 1s }
  alerts: { evaluateEvery: 1s }
`,
    );
    let collector = await startCollector(dataDir);
    const acknowledged: number[] = [];
    let sent = 0;

    /** A record of its own in a request of its own, never sent twice. */
    const send = async (largest: number): Promise<number> => {
      const id = ++sent;
      const text = `${id}:${crypto.randomUUID().repeat(Math.ceil((Math.random() * largest) / 36))}`;
      const timeUnixNano = `${Date.now()}000000`;
      const records = [{ timeUnixNano, body: { stringValue: text } }];
      const answer = await fetch(collector.otlp, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: records }] }] }),
      });
      await answer.arrayBuffer();
      if (answer.status === 200) acknowledged.push(id);
      return answer.status;
    };
    const alerts = async (...more: string[]): Promise<AlertRow[]> =>
      JSON.parse(await command(dataDir, 'alerts', '--json', ...more));
    const takesAgain = () => vi.waitFor(async () => expect(await send(100)).toBe(200), patience);

    const leave = [0, 200_000, MiB, 0];
    for (let round = 0; round < count(2, 8); round++) {
      // At first nothing has been stored yet: what the engine writes before its first insert meets a full disk too.
      for (let batch = 0; round > 0 && batch < 20; batch++) expect(await send(50_000)).toBe(200);
      const release = fillDisk(at, leave[round % leave.length] ?? 0);
      const statuses = new Set<number>();
      await vi.waitFor(async () => {
        for (const status of await Promise.all([1, 2, 3, 4].map(() => send(100_000)))) statuses.add(status);
        expect(statuses).toContain(503);
      }, patience);
      // The alert is there although state.db, which lies on the same disk, cannot be written.
      if (round === 0) {
        await vi.waitFor(
          async () =>
            expect(await alerts()).toContainEqual(
              expect.objectContaining({ rule: 'ingest-paused', subject: 'the disk is full', state: 'firing' }),
            ),
          patience,
        );
      }
      for (let batch = 0; batch < count(20, 100); batch++) statuses.add(await send(100_000));
      expect([...statuses].filter((status) => status !== 200 && status !== 503)).toEqual([]);
      expect(collector.process.exitCode).toBeNull();

      // Every other time it is killed on the full disk, and starts on it.
      if (round % 2 === 1) {
        collector.process.kill('SIGKILL');
        await once(collector.process, 'close');
        const started = startCollector(dataDir);
        await Promise.race([started, pause(2000)]);
        release();
        collector = await started;
      } else release();
      await takesAgain();
      const resolved = { rule: 'ingest-paused', state: 'resolved' };
      if (round > 0) continue;
      await vi.waitFor(
        async () => expect(await alerts('--since', '1h')).toContainEqual(expect.objectContaining(resolved)),
        patience,
      );
    }
    await vi.waitFor(async () => expect(await alerts()).toEqual([]), patience);

    const stored = async (): Promise<Map<number, number>> => {
      const sql =
        "SELECT toUInt32OrZero(splitByChar(':', Body)[1]) AS id, toUInt32(count()) AS n FROM otel_logs " +
        "WHERE Node = 'otlp:loopback' GROUP BY id";
      const lines = (await command(dataDir, 'sql', '--json', '--max-rows', '100000', sql)).trim().split('\n');
      return new Map(lines.map((line) => JSON.parse(line)).map(({ id, n }) => [id, n]));
    };
    await vi.waitFor(async () => {
      const rows = await stored();
      expect(acknowledged.filter((id) => rows.get(id) !== 1)).toEqual([]);
    }, patience);
    expect([...(await stored()).values()].filter((n) => n !== 1)).toEqual([]);
    expect(JSON.parse(await command(dataDir, 'collector', 'quarantine', 'list', '--json'))).toEqual([]);
    if (long) console.log(`${kind}: ${sent} sent, ${acknowledged.length} acknowledged, each stored once`);
  },
);
