import type { Log } from '../../logging/log.ts';
import { createHeapReturn, fullCollection } from '../heap-return.ts';
import type { createOwnEvents } from '../own-events.ts';
import type { LogPipelines } from '../pipeline/log-pipelines.ts';
import type { MetricPipeline } from '../pipeline/metric-pipeline.ts';
import type { Spool } from '../spool/spool.ts';
import { createShedding, type Shedding } from './shedding.ts';

/** Keeps the agent small: does less when it comes near its limit of memory, and gives back what a burst has left. */
export function createMemoryGuard(
  {
    logs,
    metrics,
    spool,
    tellOwn,
    log,
  }: {
    logs: LogPipelines;
    metrics: MetricPipeline;
    spool: Pick<Spool, 'giveBack'>;
    tellOwn: ReturnType<typeof createOwnEvents>;
    log: Log;
  },
  options: { maxBytes: number },
): Pick<Shedding, 'level' | 'steps' | 'start' | 'close'> {
  const own = { residentBytes: () => process.memoryUsage.rss(), collect: fullCollection(), log };
  const shedding = createShedding(
    {
      ...own,
      pause: logs.pause,
      shrinkBatches: logs.shrinkBatches,
      slowMetrics: (slow) => metrics.slowDown(slow ? 60_000 : undefined),
      tell: (body, level) =>
        tellOwn({
          eventName: 'sextant.agent.shedding',
          body,
          severity: level > 0 ? 'warn' : 'info',
          attributes: { level },
        }),
    },
    options,
  );
  const heapReturn = createHeapReturn({
    ...own,
    emittedRecords: logs.emitted,
    giveBack() {
      logs.giveBack();
      spool.giveBack();
    },
  });
  return {
    level: shedding.level,
    steps: shedding.steps,
    start() {
      heapReturn.start();
      shedding.start();
    },
    close() {
      heapReturn.close();
      shedding.close();
    },
  };
}
