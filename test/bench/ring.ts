import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { listRing } from '../../agent/ring/ring-file.ts';
import { emitNumbered, openKeptNode } from '../unit/agent/ring/kept-node.ts';
import { machine, median, round } from './machine.ts';

/**
 * What the ring of a node costs: the same records through the spool and acknowledged, with no ring, with one that keeps
 * them whole, and with one so small that all is thinned or dropped; in turns, in one run. CPU seconds and bytes given
 * to write calls (`wchar` of /proc/self/io).
 *
 * `npm run bench -- ring [--records 200000] [--rounds 3]`
 */
const { values } = parseArgs({
  options: { records: { type: 'string', default: '200000' }, rounds: { type: 'string', default: '3' } },
});
const records = Number(values.records);

async function written(): Promise<number> {
  const io = await readFile('/proc/self/io', 'utf8').catch(() => '');
  return Number(/^wchar: (\d+)$/m.exec(io)?.[1] ?? Number.NaN);
}

const kinds = { none: { days: 0 }, whole: { maxBytes: 2 ** 30 }, thinned: { maxBytes: 8 * 2 ** 20 } };
type Kind = keyof typeof kinds;

async function measure(kind: Kind): Promise<{ cpuSeconds: number; writtenBytes: number; ringBytes: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'sextant-bench-ring-'));
  const node = await openKeptNode(folder, { ...kinds[kind], segmentBytes: 4 * 2 ** 20 });
  const before = { cpu: process.cpuUsage(), bytes: await written() };
  for (let from = 0; from < records; from += 10_000) {
    await emitNumbered(node, from, 10_000, { warnEvery: 100 });
    await node.acknowledge('logs');
  }
  const { user, system } = process.cpuUsage(before.cpu);
  const writtenBytes = (await written()) - before.bytes;
  await node.close();
  const ringBytes = (await listRing(join(folder, 'ring'))).reduce((sum, { bytes }) => sum + bytes, 0);
  rmSync(folder, { recursive: true, force: true });
  return { cpuSeconds: (user + system) / 1e6, writtenBytes, ringBytes };
}

const runs: Record<Kind, Awaited<ReturnType<typeof measure>>[]> = { none: [], whole: [], thinned: [] };
await measure('none');
for (let turn = 0; turn < Number(values.rounds); turn++) {
  for (const kind of Object.keys(kinds) as Kind[]) runs[kind].push(await measure(kind));
}
const middle = (kind: Kind, of: 'cpuSeconds' | 'writtenBytes' | 'ringBytes'): number =>
  median(runs[kind].map((run) => run[of]));
const result = Object.fromEntries(
  (Object.keys(kinds) as Kind[]).map((kind) => [
    kind,
    {
      cpuSeconds: round(middle(kind, 'cpuSeconds'), 2),
      cpuRatio: round(middle(kind, 'cpuSeconds') / middle('none', 'cpuSeconds'), 2),
      writtenMB: round(middle(kind, 'writtenBytes') / 1e6, 1),
      writtenRatio: round(middle(kind, 'writtenBytes') / middle('none', 'writtenBytes'), 2),
      ringMB: round(middle(kind, 'ringBytes') / 1e6, 1),
    },
  ]),
);
console.table(result);
console.log(JSON.stringify({ bench: 'ring', records, machine, ...result }));
