import { startAgent } from '../../agent/main.ts';
import { sourcesOf } from '../../agent/sources/all.ts';
import type { Source, SourceContext, SourceFactory } from '../../agent/sources/source.ts';
import { loadSettings } from '../../config/load.ts';
import { createLog } from '../../logging/log.ts';

/**
 * The agent with three sources more, each broken in its own way. Argument: data folder.
 *
 * `throws` does it in a timer, where nobody catches it; `hangs` starts and never answers again; `floods` emits without
 * waiting for room, in class bulk.
 */
const dataDir = process.argv[2] ?? '';

function source(name: string, begin: (context: SourceContext) => () => void, answer: Source['answer']): SourceFactory {
  return {
    name,
    sections: [],
    create(context) {
      let end = (): void => undefined;
      return {
        name,
        async start() {
          end = begin(context);
        },
        async close() {
          end();
        },
        health: () => ({ name, state: 'running', records: 0, dropped: 0 }),
        ...(answer && { answer }),
      };
    },
  };
}

const throwing = source(
  'throws',
  () => {
    const timer = setTimeout(() => {
      throw new Error('thrown on purpose');
    }, 100);
    return () => clearTimeout(timer);
  },
  async () => undefined,
);
const hanging = source(
  'hangs',
  () => () => undefined,
  () => new Promise(() => undefined),
);
const flooding = source(
  'floods',
  ({ logs }) => {
    const logger = logs.ofClass('bulk').logger('floods');
    const body = `flood ${'x'.repeat(1000)}`;
    const timer = setInterval(() => {
      for (let count = 0; count < 500; count += 1) logger.emit({ body });
    }, 20);
    return () => clearInterval(timer);
  },
  async () => undefined,
);

const agent = await startAgent({
  dataDir,
  settings: loadSettings({ dataDir }),
  log: createLog('agent', 'info'),
  factories: [...sourcesOf(), throwing, hanging, flooding],
  patience: { startMs: 10_000, closeMs: 1_000, lookEveryMs: 200, unansweredLooks: 25 },
});
process.once('SIGTERM', () => void agent.close().then(() => process.exit(0)));
