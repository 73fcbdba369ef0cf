import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashFile } from '../../bundle/manifest.ts';
import { maskStream } from '../../bundle/mask-stream.ts';
import { createMasker } from '../../bundle/masker.ts';
import { testVolume } from '../../bundle/open-volume.ts';
import { createVolumeWriter } from '../../bundle/volume-writer.ts';

// How fast text goes into a bundle: masked, deflated, hashed; and how fast a reader checks it.
// CPU seconds per GB stand beside the rate, because the rate suffers when the machine is shared.

const megabytes = Number(process.argv[2] ?? 200);

/** Log text of three kinds; one line in fifty holds a secret. */
function block(bytes: number): Buffer {
  const lines: string[] = [];
  let made = 0;
  for (let n = 0; made < bytes; n++) {
    const line =
      n % 50 === 0
        ? `Nov 20 11:00:00 host app[${n}]: login user=u${n} password=secret${n} from 10.0.0.1\n`
        : n % 3 === 0
          ? `{"time":"2026-11-20T11:00:00Z","level":"info","msg":"request done","path":"/api/v1/nodes","ms":${n % 300}}\n`
          : `2026-11-20T11:00:00.${n % 1000}Z kernel: [${n}.1] nvme0n1: I/O timeout on queue ${n % 16}, tag ${n} path=/x${n % 100}\n`;
    lines.push(line);
    made += line.length;
  }
  return Buffer.from(lines.join(''));
}

function* pieces(): Generator<Buffer> {
  for (let sent = 0; sent < megabytes * 1e6; sent += sample.length) {
    for (let at = 0; at < sample.length; at += 256 * 1024) yield sample.subarray(at, at + 256 * 1024);
  }
}

/** `ofMegabytes` is what went through: text, unless told otherwise. */
async function measure(
  work: () => Promise<unknown>,
  ofMegabytes = megabytes,
): Promise<{ mbPerSecond: number; cpuSecondsPerGb: number }> {
  const startedMs = performance.now();
  const cpu = process.cpuUsage();
  await work();
  const seconds = (performance.now() - startedMs) / 1000;
  const used = process.cpuUsage(cpu);
  return {
    mbPerSecond: Math.round(ofMegabytes / seconds),
    cpuSecondsPerGb: Math.round((used.user + used.system) / 10 / ofMegabytes) / 100,
  };
}

const sample = block(8_000_000);
const masker = createMasker(Buffer.alloc(32, 1));
const folder = await mkdtemp(join(tmpdir(), 'sextant-bench-'));
try {
  const mask = await measure(async () => {
    for await (const _ of maskStream(pieces(), masker, {}));
  });
  const writer = createVolumeWriter({ folder, base: 'bench' });
  const write = await measure(() => writer.add({ path: 'a.log', modifiedMs: 0 }, maskStream(pieces(), masker, {})));
  const volumes = await writer.close();
  const compressed = volumes.reduce((sum, volume) => sum + volume.bytes, 0);
  const hash = await measure(async () => {
    for (const volume of volumes) await hashFile(volume.path);
  }, compressed / 1e6);
  const check = await measure(async () => {
    for (const volume of volumes) await testVolume(volume.path);
  });
  const figures = {
    megabytes,
    mask,
    maskDeflateWrite: write,
    hashOfVolume: hash,
    inflateAndCheck: check,
    ratio: Math.round((megabytes * 1e7) / compressed) / 10,
    residentMB: Math.round(process.memoryUsage().rss / 1e6),
  };
  for (const [name, value] of Object.entries(figures)) console.log(name.padEnd(20), JSON.stringify(value));
  const machine = `${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores`;
  console.log(JSON.stringify({ name: 'bundle', machine, figures }));
} finally {
  await rm(folder, { recursive: true, force: true });
}
