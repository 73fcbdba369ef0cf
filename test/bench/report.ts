import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { agentSection, splitPage } from './report/agent.ts';
import { type BenchResult, performancePage } from './report/page.ts';

/**
 * Runs the benches of collector and agent one after the other and writes docs/performance.md from what they print, or takes
 * the JSON lines that earlier runs printed.
 *
 * `npm run bench -- report [--full | --quick | --agent] [--from LINES] [--save LINES]`; `--agent` measures the
 * agent alone and leaves the rest of the page as it is; `--full` searches 20 million records, `--quick`
 * is for trying the script out: too small and too short for figures that anybody should quote.
 */
const { values } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    agent: { type: 'boolean', default: false },
    from: { type: 'string' },
    save: { type: 'string' },
  },
});
const page = join(import.meta.dirname, '..', '..', 'docs', 'performance.md');
const quick: Record<string, string[]> = {
  ingest: ['--records', '20000', '--samples', '40000', '--rounds', '1', '--rate-seconds', '3'],
  disk: ['--records', '60000', '--collections', '360', '--nodes', '4'],
  search: ['--records', '500000', '--rounds', '3'],
  agent: ['--lines', '100000', '--settle', '5', '--seconds', '5'],
};
const runs = (values.agent ? ['agent'] : ['ingest', 'disk', 'search', 'agent']).map((name): [string, string[]] => {
  if (values.quick) return [name, quick[name] ?? []];
  return [name, name === 'search' && values.full ? ['--full'] : []];
});

const results: BenchResult[] = [];
if (values.from) {
  for (const line of readFileSync(values.from, 'utf8').split('\n')) {
    if (line.startsWith('{')) results.push(JSON.parse(line) as BenchResult);
  }
} else {
  for (const [name, parameters] of runs) results.push(await runBench(name, parameters));
}
if (values.save) writeFileSync(values.save, results.map((result) => `${JSON.stringify(result)}\n`).join(''));
const missing = runs.map(([name]) => name).filter((name) => !results.some((result) => result.name === name));
// Lines of earlier runs may be the collector's alone: then the agent's part stays as it is.
if (missing.some((name) => name !== 'agent' || values.agent))
  throw new Error(`no figures of ${missing.join(', ')}; docs/performance.md stays as it is`);
const now = new Date();
const before = splitPage(readFileSync(page, 'utf8'));
const ofAgent = results.findLast(({ name }) => name === 'agent');
const collector = values.agent ? before.collector : performancePage(results, now);
writeFileSync(page, `${collector.trimEnd()}\n\n${ofAgent ? agentSection(ofAgent, now) : before.agent}`);
console.log('wrote docs/performance.md');

/** Shows what the bench prints and returns its last line. A bench that fails ends the report: half a page is none. */
async function runBench(name: string, parameters: string[]): Promise<BenchResult> {
  console.log(`── ${name} ${parameters.join(' ')}`);
  const startedAt = performance.now();
  const output = await new Promise<string>((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [...process.execArgv, join(import.meta.dirname, `${name}.ts`), ...parameters],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
      process.stdout.write(piece);
    });
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve(text) : reject(new Error(`${name} ended with code ${code}`))));
  });
  console.log(`   ${Math.round((performance.now() - startedAt) / 1000)} s`);
  return {
    ...JSON.parse(output.trimEnd().split('\n').at(-1) ?? ''),
    measuredOn: new Date().toISOString().slice(0, 10),
  };
}
