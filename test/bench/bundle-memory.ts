import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateIdentity } from '../../bundle/age/key.ts';
import { encryptPayload } from '../../bundle/encrypt-payload.ts';
import { hashFile } from '../../bundle/manifest.ts';
import { createThreadedFirstPass } from '../../bundle/redaction/first-pass/threaded-first-pass.ts';
import { createRedactor } from '../../bundle/redaction/redactor.ts';
import { createVolumeWriter } from '../../bundle/volume-writer.ts';
import { demandCollectorFlags, nodeFlags } from './collector-flags.ts';
import { logText } from './log-text.ts';
import { machine } from './machine.ts';

// What memory a bundle takes by its size: text is redacted, scanned again, deflated, encrypted and hashed, as a stream. The
// peak is shown at each tenth of the way: what grows with the size shows as a rise, what is only warming up does not.
// Node runs with the flags of the collector, which the agent has too. The second scan runs on a thread of its own, as in the
// collector, or in turn with the first pass, as in an agent.
//   npm run bench -- bundle-memory [MEGABYTES] [standard|none] [threads: 2|1]

demandCollectorFlags();

const megabytes = Number(process.argv[2] ?? 200);
const profile = process.argv[3] === 'none' ? 'none' : 'standard';
const threads = process.argv[4] === '1' ? 1 : 2;
const pieceBytes = 256 * 1024;
const peakMB = (): number => Math.round(process.resourceUsage().maxRSS / 1024);

const sample = logText(8_000_000);
const peaks: number[] = [];
function* pieces(): Generator<Buffer> {
  for (let sent = 0; sent < megabytes * 1e6; sent += pieceBytes) {
    if (sent >= (peaks.length * megabytes * 1e6) / 10) peaks.push(peakMB());
    const at = sent % (sample.length - pieceBytes);
    yield Buffer.from(sample.subarray(at, at + pieceBytes));
  }
}

const folder = await mkdtemp(join(tmpdir(), 'sextant-bench-'));
try {
  const startMB = peakMB();
  const redactor = createRedactor({
    key: Buffer.alloc(32, 1),
    profile,
    ...(threads === 2 ? { firstPass: createThreadedFirstPass } : {}),
    names: [
      { kind: 'host', name: 'node1.corp.example' },
      { kind: 'user', name: 'jdoe' },
    ],
  });
  const startedMs = performance.now();
  const cpu = process.cpuUsage();
  const writer = createVolumeWriter({ folder, base: 'bench' });
  await writer.add({ path: 'a.log', modifiedMs: 0 }, redactor.stream(pieces(), {}));
  const volumes = await writer.close();
  await redactor.close();
  const writtenMB = peakMB();
  await encryptPayload(folder, [generateIdentity().recipient, generateIdentity().recipient]);
  for (const { path } of volumes) await hashFile(`${path}.age`);
  const used = process.cpuUsage(cpu);
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  const cpuSeconds = Math.round((used.user + used.system) / 1e6);
  const figures = {
    ...{ megabytes, profile, threads, seconds, cpuSeconds, volumes: volumes.length, nodeFlags },
    ...{ startMB, peakMBByTenth: peaks, writtenMB, residentPeakMB: peakMB() },
  };
  for (const [name, value] of Object.entries(figures)) console.log(name.padEnd(20), JSON.stringify(value));
  console.log(JSON.stringify({ name: 'bundle-memory', machine, figures }));
} finally {
  await rm(folder, { recursive: true, force: true });
}
