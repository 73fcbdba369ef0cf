import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createAnalysis } from '../../bundle/analysis/analysis.ts';
import { loadAnalyzers } from '../../bundle/analysis/analyzer.ts';
import { readEvidence } from '../../bundle/analysis/read-bundle.ts';
import { openVolume } from '../../bundle/open-volume.ts';
import { openSoundBundle } from '../../bundle/sound-bundle.ts';
import { openCase } from '../../collector/case/case-folder.ts';
import { importBundle } from '../../collector/case/import-bundle.ts';
import { createLog } from '../../logging/log.ts';
import { collectorProgram } from '../../scripts/collector-program.js';
import { makeEvidence } from '../e2e/evidence-bundle.ts';
import { machine, round } from './machine.ts';

// What reading a bundle costs: all analyzers over its records, against inflating and JSON.parse of the same lines alone in
// the same run; and how fast it goes into a case, until it can be queried.
//   npm run bench -- analyze [RECORDS]

const records = Number(process.argv[2] ?? 300_000);
const folder = await mkdtemp(join(tmpdir(), 'sextant-bench-'));

async function measure(work: () => Promise<unknown>): Promise<{ seconds: number; cpuSeconds: number }> {
  const cpu = process.cpuUsage();
  const startedMs = performance.now();
  await work();
  const used = process.cpuUsage(cpu);
  return {
    seconds: round((performance.now() - startedMs) / 1000, 2),
    cpuSeconds: round((used.user + used.system) / 1e6, 2),
  };
}

/** Resident memory of `sextant …` at its peak; of that, pages of files: the engine's library and Node's, above all. */
async function commandPeak(args: string[]): Promise<{ resident: number; ofFiles: number }> {
  const program = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
  // As `bin/sextant.js` starts it.
  const { nodeFlags } = collectorProgram();
  const child = spawn(process.execPath, [...nodeFlags, program, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = once(child, 'close');
  const peak = { resident: 0, ofFiles: 0 };
  const read = (text: string, name: string): number =>
    Math.round(Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0) / 1024);
  const timer = setInterval(() => {
    try {
      const text = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      const resident = read(text, 'VmRSS');
      if (resident > peak.resident) Object.assign(peak, { resident, ofFiles: read(text, 'RssFile') });
    } catch {
      // It has ended.
    }
  }, 20);
  const [code] = await ended.finally(() => clearInterval(timer));
  if (code !== 0) throw new Error(`sextant ${args.join(' ')} ended with ${code}`);
  return peak;
}

try {
  const everyMs = (15 * 60_000) / records;
  const path = await makeEvidence(folder, { id: 'aaaaaaaaaaaa', fromMs: Date.UTC(2026, 10, 20, 9), everyMs });
  const bundle = await openSoundBundle([path]);
  let bytes = 0;
  const parseAlone = async (): Promise<void> => {
    bytes = 0;
    for (const volume of bundle.volumes) {
      for await (const entry of openVolume(volume.file)) {
        let carry = '';
        for await (const piece of await entry.content()) {
          bytes += piece.length;
          const lines = (carry + piece.toString('utf8')).split('\n');
          carry = lines.pop() ?? '';
          if (entry.path.endsWith('.ndjson')) for (const line of lines) JSON.parse(line);
        }
      }
    }
  };
  const analyze = async (): Promise<void> => {
    const analysis = createAnalysis(loadAnalyzers());
    await readEvidence(bundle.volumes, analysis, { scratch: folder });
    analysis.findings(0);
  };
  // Each once before it counts: what is compiled then stays.
  await parseAlone();
  await analyze();
  const parsed = [await measure(parseAlone)];
  const analyzed = await measure(analyze);
  parsed.push(await measure(parseAlone));
  const parse = parsed.reduce((sum, one) => sum + one.cpuSeconds, 0) / parsed.length;
  const readingMB = Math.round(process.resourceUsage().maxRSS / 1024);

  const target = await openCase(join(folder, 'case'), createLog('bench', 'error'));
  const imported = await measure(() => importBundle(target, bundle, { scratch: folder }));
  await target.close();
  const command = await commandPeak(['bundle', 'import', path, '--to', join(folder, 'case-of-command'), '--json']);
  const figures = {
    records,
    megabytes: round(bytes / 1e6, 1),
    inflateAndParse: parsed,
    analyze: analyzed,
    ratioToParse: round(parse / analyzed.cpuSeconds, 2),
    analyzeMBPerSecond: round(bytes / 1e6 / analyzed.seconds, 1),
    importWithAnalysis: { ...imported, recordsPerSecond: Math.round(records / imported.seconds) },
    residentPeakReadingMB: readingMB,
    // Of this process, which has made the bundle and read it four times before.
    residentPeakMB: Math.round(process.resourceUsage().maxRSS / 1024),
    importCommandPeakMB: command,
  };
  for (const [name, value] of Object.entries(figures)) console.log(name.padEnd(24), JSON.stringify(value));
  console.log(JSON.stringify({ name: 'analyze', machine, figures }));
} finally {
  process.chdir(tmpdir());
  await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}
