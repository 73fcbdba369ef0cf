/** The last line of a bench. */
export interface BenchResult {
  name: string;
  machine: { cpus: number; memoryGiB: number; node: string; loadBefore: number };
  /** `2026-11-28`; absent in lines that a bench itself printed. */
  measuredOn?: string;
  // biome-ignore lint/suspicious/noExplicitAny: every bench has figures of its own; a missing one fails the report.
  figures: any;
}

/** The collector's part of docs/performance.md, from the results of `ingest`, `disk` and `search`. Throws when a figure is missing. */
export function performancePage(results: BenchResult[], now: Date): string {
  const of = (name: string): BenchResult => {
    const found = results.findLast((result) => result.name === name);
    if (!found) throw new Error(`no figures of ${name}`);
    return found;
  };
  const { machine } = of('ingest');
  /** The day of a bench that was run on another one. */
  const otherDay = ({ measuredOn }: BenchResult): string | undefined => (measuredOn === date ? undefined : measuredOn);
  const date = of('ingest').measuredOn ?? now.toISOString().slice(0, 10);
  return [
    '# Performance',
    '',
    '<!-- Written by `npm run bench -- report`; do not edit by hand. -->',
    '',
    `Measured on ${date}: ${machine.cpus} cores, ${machine.memoryGiB} GiB, Node ${machine.node}. The client, the engine and the`,
    `collector share those cores; load average when it began: ${machine.loadBefore}.`,
    '`npm run bench -- report` measures again and writes this page; each bench is a file of',
    '`test/bench/`. Telemetry is made by a generator (`test/bench/workload/`): a site of Windows hosts and Linux machines',
    'with event logs, journals, access logs and JSON logs, and 287 series a node sampled every 10 s.',
    '',
    ...ingest(of('ingest').figures),
    ...disk(of('disk').figures),
    ...search(of('search').figures, otherDay(of('search'))),
  ].join('\n');
}

const thousands = (count: number): string => `${Math.round(count / 1000)} k`;
const figure = (value: unknown): string => {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new Error('a figure is missing');
  return String(value);
};

// biome-ignore lint/suspicious/noExplicitAny: see BenchResult.
function ingest({ logs, metrics, offered, disk }: any): string[] {
  // biome-ignore lint/suspicious/noExplicitAny: see BenchResult.
  const row = (what: string, signal: any, client: any): string =>
    `| ${what} | ${thousands(signal.engineAloneRecordsPerSecond)}/s | ${thousands(client.acknowledgedPerSecond)}/s | ${thousands(client.recordsPerSecond)}/s | ` +
    `${figure(client.ratio)} | ${figure(client.cpuRatio)} | ${figure(client.acknowledgeP50Ms)} / ${figure(client.acknowledgeP99Ms)} ms | ` +
    `${figure(client.peakResidentMegabytes)} MB |`;
  return [
    '## Ingest',
    '',
    'OTLP over mutual TLS until it is durable, acknowledged and queryable, beside the engine alone on journal files of the',
    `same bytes, in turns; medians of ${figure(logs.rounds)} rounds. The goal for the ratio is 0.8, for resident memory 900 MB.`,
    '',
    'A client sends its next batch (500 log records, or the 287 samples of a node) when the one before was answered; a single',
    'one is therefore bound by what an answer takes. A file of samples is handed to the engine three seconds after its first',
    'or at 8 MiB, which the time until they are queryable has in it.',
    '',
    '| what | engine alone | acknowledged | queryable | ratio | ratio of CPU-s | acknowledged p50 / p99 | resident at most |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    row(`logs, 1 client (${thousands(logs.records)} records, ${logs.megabytes} MB)`, logs, logs.oneClient),
    row('logs, 16 clients', logs, logs.manyClients),
    row(
      `metrics, 1 client (${thousands(metrics.records)} samples, ${metrics.megabytes} MB)`,
      metrics,
      metrics.oneClient,
    ),
    row('metrics, 16 clients', metrics, metrics.manyClients),
    '',
    `Log records offered by 16 clients for ${figure(offered[0].seconds)} s, batches of 500, from when each batch fell due to its answer. The`,
    'goal is a p99 of 50 ms at 50 k/s. The disk by itself takes ' +
      `${figure(disk.p50Ms)} ms (p50) and ${figure(disk.p99Ms)} ms (p99) for a`,
    "batch of them and its fdatasync; each answer waits for at least one, beside the engine's own writing.",
    '',
    '| offered | acknowledged after p50 / p99 | cores | resident at most |',
    '| --- | --- | --- | --- |',
    // biome-ignore lint/suspicious/noExplicitAny: see BenchResult.
    ...offered.map((one: any) => {
      const after = `${figure(one.acknowledgeP50Ms)} / ${figure(one.acknowledgeP99Ms)} ms`;
      const cores = figure(one.collectorCores);
      return `| ${thousands(one.recordsPerSecond)}/s | ${after} | ${cores} | ${figure(one.peakResidentMegabytes)} MB |`;
    }),
    '',
  ];
}

// biome-ignore lint/suspicious/noExplicitAny: see BenchResult.
function disk({ logs, metrics }: any): string[] {
  return [
    '## Bytes on disk',
    '',
    'After merging, everything of a part counted (columns, marks, indexes); NDJSON as the API exports it.',
    '',
    '| what | on disk | of that | gzip -6 of the NDJSON | NDJSON |',
    '| --- | --- | --- | --- | --- |',
    `| log record | ${figure(logs.bytesPerRecord)} B | ${figure(logs.textIndexBytesPerRecord)} B full-text index | ${figure(logs.gzip6BytesPerRecord)} B | ${figure(logs.ndjsonBytesPerRecord)} B |`,
    `| metric sample | ${figure(metrics.bytesPerSample)} B | ${figure(metrics.valueBytesPerSample)} B value | ${figure(metrics.gzip6BytesPerSample)} B | ${figure(metrics.ndjsonBytesPerSample)} B |`,
    '',
    'The goals are 1.5 B a sample, and log records smaller than gzip -6 of them. ' +
      (logs.bytesPerRecord < logs.gzip6BytesPerRecord
        ? 'Log records are.'
        : `Log records are without their full-text index (${(logs.bytesPerRecord - logs.textIndexBytesPerRecord).toFixed(1)} B), and not with it.`),
    '',
  ];
}

// biome-ignore lint/suspicious/noExplicitAny: see BenchResult.
function search({ records, parts, questions }: any, day: string | undefined): string[] {
  // biome-ignore lint/suspicious/noExplicitAny: see BenchResult.
  const rows = Object.values(questions).map((asked: any) => {
    return `| ${asked.what} | ${figure(asked.p50Ms)} ms | ${figure(asked.p95Ms)} ms |`;
  });
  return [
    '## Search',
    '',
    `${(records / 1e6).toFixed(1)} million log records of one day in ${figure(parts)} parts, asked about the whole day through the query layer of the API.`,
    'The goal is a p95 of 300 ms for a word in 24 h of 20 million records.',
    '',
    ...(day === undefined ? [] : [`Measured on ${day}.`, '']),
    '| question | p50 | p95 |',
    '| --- | --- | --- |',
    ...rows,
    '',
  ];
}
