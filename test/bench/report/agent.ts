import type { BenchResult } from './page.ts';

const heading = '## Agent';

/** The page without the agent's part, which goes to its end, and that part. */
export function splitPage(page: string): { collector: string; agent: string } {
  const at = page.indexOf(`${heading}\n`);
  return at < 0 ? { collector: page, agent: '' } : { collector: page.slice(0, at), agent: page.slice(at) };
}

/** The agent's part of docs/performance.md. Throws when a figure is missing. */
export function agentSection({ machine, measuredOn, figures }: BenchResult, now: Date): string {
  const { parts } = figures;
  const cpu = (value: number): string => `${number(value)} µs`;
  const part = (what: string, { linesPerSecond, microsecondsPerLine }: Record<string, number>): string =>
    `| ${what} | ${number((linesPerSecond ?? Number.NaN) / 1000, 0)} k lines/s | ${cpu(microsecondsPerLine ?? Number.NaN)} |`;
  return [
    heading,
    '',
    `Measured on ${measuredOn ?? now.toISOString().slice(0, 10)} by \`npm run bench -- agent\`: ${machine.cpus} cores, ${machine.memoryGiB} GiB, Node ${machine.node}; load average`,
    `when it began: ${machine.loadBefore}. ${number(figures.lines / 1e6, 1)} million lines of 120 bytes appear at once; each becomes a record of ${number(parts.spooledBytesPerLine, 0)} bytes. A`,
    `plain line reader that does nothing with them takes ${cpu(figures.plainReaderMicrosecondsPerLine)} a line in the same run. The goals are 400 k lines/s and 1.2 µs.`,
    '',
    '| what | rate | CPU a line |',
    '| --- | --- | --- |',
    part('tail to its own disk (fsync), nobody taking anything', parts.toSpool),
    part('from there to the answers of a receiver that only stores', parts.toAnswer),
    part('both at once', parts.together),
    part('with the collector on the same cores, to its acknowledgement', {
      linesPerSecond: figures.acknowledgedLinesPerSecond,
      microsecondsPerLine: figures.microsecondsPerLine,
    }),
    ...figures.peers.map((peer: Record<string, number>) =>
      part(
        `for comparison ${peer.name}, usual buffer, in the clear and without fsync, to a receiver that counts`,
        peer,
      ),
    ),
    '',
    `To the collector's acknowledgement it took ${number(figures.acknowledgedSeconds, 1)} s, of which the agent, at niceness 10, stood ${number(figures.agentQueuedSeconds, 1)} s in the scheduler's queue behind the collector,`,
    'which sets the pace there.',
    '',
    '| what | figure | goal |',
    '| --- | --- | --- |',
    `| resident at rest after a first start, from a Node that nobody else runs: Rss, Pss, of that in no file | ${number(figures.residentMegabytes, 0)} MB, ${number(figures.proportionalMegabytes, 0)} MB, ${number(figures.ownMegabytes, 0)} MB | 90 MB |`,
    `| resident at most during the flood | ${number(Math.max(figures.peakResidentMegabytes, parts.peakResidentMegabytes), 0)} MB | |`,
    `| CPU at rest, \`linux\` profile, over ${number(figures.secondsAtRest, 0)} s | ${number(figures.cpuPercentAtRest)} % of a core | 0.5 % |`,
    `| killed and started again, to the first record | ${number(figures.startToFirstRecordMs, 0)} ms | 1000 ms |`,
    `| a line, until it is found by a search | ${number(figures.lineDelayMs, 0)} ms | |`,
    '',
  ].join('\n');
}

function number(value: number, digits = 2): string {
  if (!Number.isFinite(value)) throw new Error('a figure is missing');
  return value.toFixed(digits);
}
