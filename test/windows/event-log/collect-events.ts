import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { LogRecord } from '@opentelemetry/api-logs';
import { createEventLogSource } from '../../../agent/sources/event-log/source-windows.ts';
import type { LogPipeline } from '../../../agent/sources/source.ts';
import { createSourceContext } from '../../unit/agent/sources/source-context.ts';
import type { CollectOptions } from './collecting.ts';

/**
 * Runs under Wine: the source alone, over the stand-in. Every record becomes a line of a file; what is marked lies in
 * the line behind its records, so a kill at any time leaves whole frames. Ends when the file `stop` is there.
 */
const { output, stop, eventLog } = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as CollectOptions;

const durable = new Map<string, string>();
const written = existsSync(output) ? readFileSync(output, 'utf8') : '';
// A kill may have torn the last frame.
const whole = written.slice(0, written.lastIndexOf('\n') + 1);
if (whole !== written) writeFileSync(output, whole);
for (const line of whole.split('\n').filter(Boolean)) {
  for (const [key, position] of Object.entries(JSON.parse(line).marks ?? {})) durable.set(key, position as string);
}

let open: LogRecord[] = [];
const pipeline: LogPipeline = {
  logger: () => ({
    emit: (record: LogRecord) => {
      open.push(record);
    },
    enabled: () => true,
  }),
  lines: () => {
    throw new Error('this source has no lines');
  },
  mark(key, position) {
    appendFileSync(output, `${JSON.stringify({ records: open, marks: { [key]: position } })}\n`);
    open = [];
  },
  position: (key) => durable.get(key),
  keys: (prefix) => [...durable.keys()].filter((key) => key.startsWith(prefix)),
  forget() {},
  ready: () => Promise.resolve(),
  ofClass: () => pipeline,
};

const { context, collect } = createSourceContext({
  logs: pipeline,
  profile: { eventLog },
  settings: { 'agent.node': 'node1' },
});
const source = createEventLogSource(context);
await source.start();
const timer = setInterval(async () => {
  const metrics = (await collect()).filter(({ name }) => name.startsWith('sextant.eventlog.'));
  writeFileSync(`${output}.health`, JSON.stringify({ health: source.health(), metrics }));
  if (!existsSync(stop)) return;
  clearInterval(timer);
  await source.close();
}, 50);
