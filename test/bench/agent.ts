import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readPlainly, writeLines } from './agent/flood.ts';
import { startNodeAgent } from './agent/node-agent.ts';
import { measureParts, type Part } from './agent/parts.ts';
import { measurePeers } from './agent/peers.ts';
import { cpuSeconds, memoryBytes, queuedSeconds, startedUnixMs } from './agent/processes.ts';
import { startSite } from './agent/site.ts';
import { machine, round } from './machine.ts';

/**
 * What the agent costs: resident memory and processor share at rest, the delay of a line, and what tailing a flood
 * takes, beside a plain line reader over the same file in the same run, and Fluent Bit and rsyslog where they are installed. Everything runs as real processes. The flood is
 * timed twice: the agent's own way in parts, against a receiver that does nothing but store, and the whole with the collector
 * on the same cores, which sets the pace there. What is measured at rest is a second agent, which has its Node for itself.
 *
 * `npm run bench -- agent [--seconds 60] [--settle 30] [--lines 1000000] [--port 28461]`
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    settle: { type: 'string', default: '30' },
    lines: { type: 'string', default: '1000000' },
    port: { type: 'string', default: '28461' },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'sextant-bench-'));
const logs = join(folder, 'logs');
mkdirSync(logs);
writeFileSync(join(logs, 'quiet.log'), 'started\n');
const parts = await measureParts(folder, Number(values.lines));
tell('tail to its own disk (fsync), nobody taking anything', parts.toSpool);
tell('from there to the answers of a receiver that only stores', parts.toAnswer);
tell('both at once', parts.together);
const peers = (await measurePeers(folder, Number(values.lines))).map((peer) => ({
  name: peer.name,
  linesPerSecond: Math.round(Number(values.lines) / peer.seconds),
  microsecondsPerLine: round((peer.cpuSeconds / Number(values.lines)) * 1e6, 2),
  ratioToTogether: round(parts.together.cpuSeconds / peer.cpuSeconds, 2),
  peakResidentMegabytes: megabytes(peer.peakResidentBytes),
}));
for (const { name, linesPerSecond, microsecondsPerLine, ratioToTogether } of peers) {
  console.log(
    `${name}, to a receiver that counts (no TLS, no fsync): ${thousands(linesPerSecond)} k lines/s, ` +
      `${microsecondsPerLine} µs of CPU a line; the agent took ${ratioToTogether} of that`,
  );
}
if (peers.length === 0) console.log('neither Fluent Bit nor rsyslog is installed: nothing to compare with');
const beforeStartMs = Date.now();
const site = await startSite(folder, join(logs, '*.log'), Number(values.port));
const secondsToReady = (Date.now() - beforeStartMs) / 1000;

try {
  const rest = await atRest(Number(values.settle), Number(values.seconds));
  console.log(
    `at rest:      ${megabytes(rest.residentBytes)} MB resident (Pss ${megabytes(rest.proportionalBytes)} MB; ` +
      `${megabytes(rest.ownBytes)} MB in no file), ` +
      `${(rest.cpuShare * 100).toFixed(2)} % of a core over ${values.seconds} s`,
  );
  const delayMs = await delayOfALine();
  console.log(`a line is queryable after ${Math.round(delayMs)} ms`);
  const flood = await tailFlood(Number(values.lines));
  console.log(
    `tail to the collector's journal (acknowledged): ${thousands(flood.lines / flood.acknowledgedSeconds)} k lines/s; ` +
      `to the agent's own disk: ${thousands(flood.lines / flood.spooledSeconds)} k lines/s; ` +
      `queryable: ${thousands(flood.lines / flood.seconds)} k lines/s; ` +
      `${thousands(flood.lines / flood.agentCpuSeconds)} k lines per CPU-second of the agent, ` +
      `${megabytes(flood.peakResidentBytes)} MB resident at most`,
  );
  console.log(
    `of those ${flood.acknowledgedSeconds.toFixed(1)} s the agent, at low priority, waited ` +
      `${flood.agentQueuedSeconds.toFixed(1)} s for a core`,
  );
  const microsecondsPerLine = (flood.agentCpuSeconds / flood.lines) * 1e6;
  const plainMicrosecondsPerLine = (flood.plainCpuSeconds / flood.lines) * 1e6;
  console.log(
    `CPU per line: ${microsecondsPerLine.toFixed(2)} µs (tail, spool, TLS, acknowledged); a plain line reader in the ` +
      `same run: ${plainMicrosecondsPerLine.toFixed(2)} µs`,
  );
  const startMs = await startToFirstRecord();
  console.log(`from the start of the agent's process to its first record: ${Math.round(startMs)} ms`);
  const figures = {
    startToFirstRecordMs: Math.round(startMs),
    secondsToReady,
    residentMegabytes: megabytes(rest.residentBytes),
    proportionalMegabytes: megabytes(rest.proportionalBytes),
    ownMegabytes: megabytes(rest.ownBytes),
    cpuPercentAtRest: Number((rest.cpuShare * 100).toFixed(3)),
    secondsAtRest: Number(values.seconds),
    lineDelayMs: Math.round(delayMs),
    lines: flood.lines,
    spooledLinesPerSecond: Math.round(flood.lines / flood.spooledSeconds),
    acknowledgedLinesPerSecond: Math.round(flood.lines / flood.acknowledgedSeconds),
    queryableLinesPerSecond: Math.round(flood.lines / flood.seconds),
    acknowledgedSeconds: Number(flood.acknowledgedSeconds.toFixed(2)),
    agentQueuedSeconds: Number(flood.agentQueuedSeconds.toFixed(2)),
    linesPerAgentCpuSecond: Math.round(flood.lines / flood.agentCpuSeconds),
    microsecondsPerLine: Number(microsecondsPerLine.toFixed(3)),
    plainReaderMicrosecondsPerLine: Number(plainMicrosecondsPerLine.toFixed(3)),
    peakResidentMegabytes: megabytes(flood.peakResidentBytes),
    parts: {
      toSpool: partFigures(parts.toSpool),
      toAnswer: partFigures(parts.toAnswer),
      together: partFigures(parts.together),
      spooledBytesPerLine: Math.round(parts.spooledBytesPerLine),
      peakResidentMegabytes: megabytes(parts.peakResidentBytes),
    },
    peers,
  };
  console.log(JSON.stringify({ name: 'agent', machine, figures }));
} finally {
  await site.close();
  rmSync(folder, { recursive: true, force: true });
}

/** Of an agent that was just started for the first time. */
async function atRest(settleSeconds: number, seconds: number) {
  const agent = await startNodeAgent(folder, site.dataDir, join(logs, '*.log'));
  try {
    await sleep(settleSeconds * 1000);
    const before = { cpu: cpuSeconds(agent.pid), atMs: performance.now() };
    await sleep(seconds * 1000);
    const share = ((cpuSeconds(agent.pid) - before.cpu) * 1000) / (performance.now() - before.atMs);
    const { resident, proportional, anonymous } = memoryBytes(agent.pid);
    return { cpuShare: share, residentBytes: resident, proportionalBytes: proportional, ownBytes: anonymous };
  } finally {
    await agent.close();
  }
}

async function delayOfALine(): Promise<number> {
  const word = `needle${process.pid}`;
  const started = performance.now();
  appendFileSync(join(logs, 'quiet.log'), `${word}\n`);
  while ((await site.countLogs(word)) === 0) await sleep(20);
  return performance.now() - started;
}

async function tailFlood(lines: number) {
  const source = join(folder, 'flood');
  writeLines(source, lines);
  const plainCpuSeconds = readPlainly(source);
  const before = cpuSeconds(site.agentPid);
  const queuedBefore = queuedSeconds(site.agentPid);
  const recordsBefore = (await fileLines()).records;
  const started = performance.now();
  const secondsSince = () => (performance.now() - started) / 1000;
  let peakResidentBytes = 0;
  let spooledSeconds: number | undefined;
  // Under the followed name at once, as a burst would be.
  writeLines(join(logs, 'flood.log'), lines);
  for (;;) {
    const { records, waiting } = await fileLines();
    peakResidentBytes = Math.max(peakResidentBytes, memoryBytes(site.agentPid).resident);
    // Sources run at most four batches ahead of the disk.
    if (records - recordsBefore >= lines) spooledSeconds ??= secondsSince();
    if (spooledSeconds !== undefined && waiting === 0) break;
    await sleep(50);
  }
  const acknowledgedSeconds = secondsSince();
  const agentCpuSeconds = cpuSeconds(site.agentPid) - before;
  const agentQueuedSeconds = queuedSeconds(site.agentPid) - queuedBefore;
  // Only now: searching takes processor time from both.
  while ((await site.countLogs('floodline')) < lines) await sleep(100);
  return {
    lines,
    seconds: secondsSince(),
    acknowledgedSeconds,
    spooledSeconds,
    plainCpuSeconds,
    peakResidentBytes,
    agentCpuSeconds,
    agentQueuedSeconds,
  };
}

/** Lines that the agent has read since its start, and records that wait for the collector. */
async function fileLines(): Promise<{ records: number; waiting: number }> {
  const status = await site.agentStatus();
  const records = status?.sources.find(({ name }) => name === 'files')?.records ?? 0;
  const normal = status?.spool.classes.find(({ priority }) => priority === 'normal');
  return { records, waiting: normal?.waitingRecords ?? 0 };
}

/** Milliseconds from the start of the process (killed and started again) until a source has a record. */
async function startToFirstRecord(): Promise<number> {
  const pid = await site.restartAgent();
  const started = startedUnixMs(pid);
  for (;;) {
    const status = await site.agentStatus();
    if (status?.process === pid && status.sources.some(({ records }) => records > 0)) return Date.now() - started;
    await sleep(5);
  }
}

function partFigures({ seconds, cpuSeconds: cpu, queuedSeconds: queued }: Part) {
  const lines = Number(values.lines);
  return {
    linesPerSecond: Math.round(lines / seconds),
    microsecondsPerLine: round((cpu / lines) * 1e6, 2),
    seconds: round(seconds, 2),
    queuedSeconds: round(queued, 2),
  };
}

function tell(what: string, part: Part): void {
  const { linesPerSecond, microsecondsPerLine, queuedSeconds: queued } = partFigures(part);
  console.log(
    `${what}: ${thousands(linesPerSecond)} k lines/s, ${microsecondsPerLine} µs of CPU a line ` +
      `(${part.seconds.toFixed(1)} s, of which it waited ${queued} s for a core)`,
  );
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}

function thousands(count: number): number {
  return Math.round(count / 1000);
}
