import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Cluster, startCluster } from '../e2e/cluster-of-namespaces.ts';
import { logText } from './log-text.ts';
import { machine, round } from './machine.ts';

// How long a bundle of several nodes takes: a collector and its agents, each a process in a network namespace of its own, one
// log file on each. From `bundle create` to its end: read, redacted, packed, sent, checked, analyzed, signed. All of it shares
// the cores of this machine, which the nodes of a site do not. First one node, then all of them: does it scale?
//   npm run bench -- bundle-nodes [NODES] [MEGABYTES] [standard|none]        as root, with `ip`

const nodes = Number(process.argv[2] ?? 2);
const megabytes = Number(process.argv[3] ?? 32);
const profile = process.argv[4] === 'none' ? 'none' : 'standard';

const sample = logText(8_000_000);
async function writeLog(path: string): Promise<void> {
  function* pieces(): Generator<Buffer> {
    for (let left = megabytes * 1e6; left > 0; left -= sample.length)
      yield sample.subarray(0, Math.min(left, sample.length));
  }
  await pipeline(Readable.from(pieces()), createWriteStream(path));
}

/** Until every node is online and has told what it has. */
async function settled(cluster: Cluster, count: number): Promise<void> {
  for (const untilMs = Date.now() + 90_000; Date.now() < untilMs; await sleep(500)) {
    const { stdout } = await cluster.sextant('nodes', '--json');
    const seen = stdout
      .trim()
      .split('\n')
      .flatMap((line) => JSON.parse(line || '[]'));
    if (seen.filter(({ state }) => state === 'online').length === count) return;
  }
  throw new Error(`not all of ${count} nodes are online`);
}

const folder = await mkdtemp(join(tmpdir(), 'sextant-bench-'));
let cluster: Cluster | undefined;
try {
  cluster = await startCluster(folder);
  const runs: { nodes: number; seconds: number; mbPerSecond: number; bundleMB: number }[] = [];
  for (let count = 1; count <= nodes; count++) {
    const log = join(folder, `big-${count}.log`);
    await writeLog(log);
    await cluster.addNode(`node-${count}`, `      - name: big\n        files: [${log}]\n        maxBytes: 50GiB\n`);
    if (count !== 1 && count !== nodes) continue;
    await settled(cluster, count);
    const startedMs = performance.now();
    const made = await cluster.sextant(
      ...['bundle', 'create', '--since', '300d', '--redact', profile, '--out', join(folder, `out-${count}`), '--json'],
      // The limits of items and classes, and lines from before the window, would leave out most of a large file.
      ...['--max-bytes', '100GiB', '--max-bytes-per', 'files=50GiB'],
    );
    const seconds = (performance.now() - startedMs) / 1000;
    const answer = JSON.parse(made.stdout || '{}');
    const gathered = answer.coverage?.nodes?.filter(({ state }: { state: string }) => state === 'gathered').length;
    if (made.code !== 0 || gathered !== count) throw new Error(`exit code ${made.code}: ${made.stderr}${made.stdout}`);
    runs.push({
      ...{ nodes: count, seconds: round(seconds, 1), mbPerSecond: round((count * megabytes) / seconds, 1) },
      bundleMB: round(answer.bytes / 1e6, 1),
    });
  }
  const figures = { megabytesEach: megabytes, profile, runs };
  for (const [name, value] of Object.entries(figures)) console.log(name.padEnd(20), JSON.stringify(value));
  console.log(JSON.stringify({ name: 'bundle-nodes', machine, figures }));
} finally {
  await cluster?.close();
  await rm(folder, { recursive: true, force: true });
}
