import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDeflateRaw } from 'node:zlib';
import { generateIdentity } from '../../bundle/age/key.ts';
import { encryptPayload } from '../../bundle/encrypt-payload.ts';
import { hashFile } from '../../bundle/manifest.ts';
import { testVolume } from '../../bundle/open-volume.ts';
import { createThreadedFirstPass } from '../../bundle/redaction/first-pass/threaded-first-pass.ts';
import { createRedactor, type Redactor, type RedactorOptions } from '../../bundle/redaction/redactor.ts';
import { createVolumeWriter, type Volume } from '../../bundle/volume-writer.ts';
import { demandCollectorFlags } from './collector-flags.ts';
import { logText } from './log-text.ts';

// How fast text goes into a bundle: redacted and scanned again, deflated, hashed; against zlib alone, level 6, on the same
// bytes in the same run. Node runs with the flags of the collector. CPU seconds per GB stand beside the rate, because the rate suffers when the machine is shared.
//   npm run bench -- bundle [MEGABYTES]        what the memory does: bundle-memory

demandCollectorFlags();

const megabytes = Number(process.argv[2] ?? 400);
const pieceBytes = 256 * 1024;

function* pieces(): Generator<Buffer> {
  for (let sent = 0; sent < megabytes * 1e6; sent += sample.length) {
    for (let at = 0; at < sample.length; at += pieceBytes) yield sample.subarray(at, at + pieceBytes);
  }
}

/** zlib alone, in its own thread as in a volume. */
async function deflateAlone(level: number): Promise<void> {
  const deflate = createDeflateRaw({ level, chunkSize: pieceBytes });
  deflate.resume();
  for (const piece of pieces()) {
    await new Promise<void>((resolve, reject) => {
      deflate.write(piece, (error) => (error ? reject(error) : resolve()));
    });
  }
  await new Promise<void>((resolve) => {
    deflate.once('end', resolve);
    deflate.end();
  });
}

interface Figures {
  mbPerSecond: number;
  cpuSecondsPerGb: number;
}

/** `ofMegabytes` is what went through: text, unless told otherwise. */
async function measure(work: () => Promise<unknown>, ofMegabytes = megabytes): Promise<Figures> {
  const startedMs = performance.now();
  const cpu = process.cpuUsage();
  await work();
  const seconds = (performance.now() - startedMs) / 1000;
  const used = process.cpuUsage(cpu);
  return {
    mbPerSecond: Math.round((ofMegabytes / seconds) * 10) / 10,
    cpuSecondsPerGb: Math.round((used.user + used.system) / 10 / ofMegabytes) / 100,
  };
}

const sample = logText(8_000_000);
const redaction: RedactorOptions = {
  key: Buffer.alloc(32, 1),
  profile: 'standard',
  names: [
    { kind: 'host', name: 'node1.corp.example' },
    { kind: 'host', name: 'node2.corp.example' },
    { kind: 'user', name: 'jdoe' },
  ],
};
/** As an agent does it, which has no second core to take. */
const inTurn = createRedactor(redaction);
/** As the collector does it. */
const threaded = createRedactor({ ...redaction, firstPass: createThreadedFirstPass });
const recipients = [generateIdentity().recipient, generateIdentity().recipient];
const folder = await mkdtemp(join(tmpdir(), 'sextant-bench-'));
try {
  const redact = await measure(async () => {
    for await (const _ of inTurn.stream(pieces(), {}));
  });
  let volumes: Volume[] = [];
  const write = (base: string, redactor: Redactor): Promise<Figures> =>
    measure(async () => {
      const writer = createVolumeWriter({ folder, base });
      await writer.add({ path: 'a.log', modifiedMs: 0 }, redactor.stream(pieces(), {}));
      volumes = await writer.close();
      for (const volume of volumes) await hashFile(volume.path);
    });
  const deflate6: Figures[] = [await measure(() => deflateAlone(6))];
  const oneThread = await write('one', inTurn);
  await Promise.all(volumes.map(({ path }) => rm(path)));
  deflate6.push(await measure(() => deflateAlone(6)));
  const twoThreads = await write('two', threaded);
  deflate6.push(await measure(() => deflateAlone(6)));
  const ratio = (figures: Figures, at: number): number => {
    const around = ((deflate6[at]?.mbPerSecond ?? 0) + (deflate6[at + 1]?.mbPerSecond ?? 0)) / 2;
    return Math.round((figures.mbPerSecond / around) * 100) / 100;
  };
  const compressed = volumes.reduce((sum, volume) => sum + volume.bytes, 0);
  const check = await measure(async () => {
    for (const volume of volumes) await testVolume(volume.path);
  });
  const encrypt = await measure(() => encryptPayload(folder, recipients), compressed / 1e6);
  const figures = {
    megabytes,
    redactAndScanAgain: redact,
    deflate6Alone: deflate6,
    redactDeflateHash: { ...twoThreads, ratioToDeflate6: ratio(twoThreads, 1) },
    scanningInTurn: { ...oneThread, ratioToDeflate6: ratio(oneThread, 0) },
    inflateAndCheck: check,
    encryptVolumes: encrypt,
    compression: Math.round((megabytes * 1e7) / compressed) / 10,
  };
  for (const [name, value] of Object.entries(figures)) console.log(name.padEnd(20), JSON.stringify(value));
  const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: availableParallelism() };
  console.log(JSON.stringify({ name: 'bundle', machine, figures }));
} finally {
  await threaded.close();
  await rm(folder, { recursive: true, force: true });
}
