import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildStandIn } from '../windows/wevtapi/build.ts';
import { createEventFiles } from '../windows/wevtapi/event-files.ts';
import { buildForWine } from '../windows/windows-program.ts';
import { createWine } from '../windows/wine.ts';

/**
 * Events per second that the Windows event log source puts into words, under Wine against the stand-in wevtapi.dll:
 * beside a drain that only takes and closes events, in the same run. What Windows' own service would cost is not in it,
 * what the stand-in costs is.
 *
 * `npm run bench -- event-log [--events 50000] [--rounds 3]`
 */
const { values } = parseArgs({
  options: { events: { type: 'string', default: '50000' }, rounds: { type: 'string', default: '3' } },
});
const channel = 'Sextant-Bench/Operational';
const folder = mkdtempSync(join(tmpdir(), 'sextant-bench-'));
const wine = await createWine();
try {
  wine.replaceSystemDll('wevtapi.dll', buildStandIn());
  const files = createEventFiles(join(folder, 'events'));
  files.publisher('Service Control Manager', {
    '7036': 'The %1 service entered the %2 state.',
    'task:1': 'Service state',
    'keywords:0x8080000000000000': 'Classic',
  });
  files.channel(channel).append(Number(values.events), (id) => ({
    provider: 'Service Control Manager',
    guid: '{555908d1-a6d7-4695-8e1e-26931d2012f4}',
    eventId: 7036,
    task: 1,
    keywords: '0x8080000000000000',
    data: [`param1=Windows Update ${id % 100}`, 'param2=running', 'Binary:bin=770075006100750073006500720076'],
  }));
  const programs = {
    rate: 'test/bench/event-log/read-rate.ts',
    'event-log-thread': 'agent/sources/event-log/event-log-thread.ts',
  };
  const { rate } = await buildForWine(programs, join(folder, 'program'));
  const { code, stdout, stderr } = await wine.runNode([rate, channel, values.events, values.rounds], {
    env: { SEXTANT_STANDIN_EVENTS: wine.windowsPath(files.folder) },
    timeoutMs: 230_000,
  });
  if (code !== 0) throw new Error(`the program under Wine ended with ${code}: ${stdout}${stderr}`);
  const { perSecond, openHandles } = JSON.parse(stdout) as { perSecond: Record<string, number[]>; openHandles: number };
  const middle = (name: string): number => {
    const sorted = [...(perSecond[name] ?? [])].sort((left, right) => left - right);
    return Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0);
  };
  const figures = {
    events: Number(values.events),
    rounds: Number(values.rounds),
    drainPerSecond: middle('drain'),
    systemValuesPerSecond: middle('system'),
    renderedPerSecond: middle('rendered'),
    sourcePerSecond: middle('source'),
    renderedToDrain: Number((middle('rendered') / middle('drain')).toFixed(3)),
    openHandles,
  };
  console.log(`taken and closed:                    ${figures.drainPerSecond} events/s`);
  console.log(`with the system's values:            ${figures.systemValuesPerSecond} events/s`);
  console.log(`rendered, with message and names:    ${figures.renderedPerSecond} events/s`);
  console.log(`through the source, as log records:  ${figures.sourcePerSecond} events/s`);
  const machine = { cpus: availableParallelism(), memoryGiB: Math.round(totalmem() / 2 ** 30), node: '22 under Wine' };
  console.log(JSON.stringify({ bench: 'event-log', ...figures, machine }));
} finally {
  await wine.close();
  rmSync(folder, { recursive: true, force: true });
}
