import type { Resource } from '@opentelemetry/resources';
import type { Log } from '../../logging/log.ts';
import type { ClockOffset } from '../control/clock-offset.ts';
import { type PriorityClass, priorities } from '../profile/priority.ts';
import type { LogPipeline } from '../sources/source.ts';
import type { Spool } from '../spool/spool.ts';
import { createClockAttributes } from './clock-attributes.ts';
import { type ClassPipeline, createLogPipeline } from './log-pipeline.ts';

export interface LogPipelines {
  ofClass(priority: PriorityClass): LogPipeline;
  /** Records emitted in this run. */
  emitted(): number;
  pause(priority: PriorityClass, on: boolean): void;
  shrinkBatches(small: boolean): void;
  flooded(): ReadonlyMap<string, number>;
  /** Gives back the buffers that a burst has left. */
  giveBack(): void;
  /** Resolves when all that was emitted is durable, in every class. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** Stream of the spool that holds the log records of a class. */
export const logStream = (priority: PriorityClass): string => (priority === 'normal' ? 'logs' : `logs-${priority}`);

/** The streams that `createLogPipelines` writes to, as the spool wants them. */
export const logStreams = Object.fromEntries(priorities.map((priority) => [logStream(priority), priority] as const));

/** One pipeline a class, each made when a source first asks for it. */
export function createLogPipelines(
  {
    clock,
    ...capabilities
  }: { spool: Spool; resource: Resource; clock: Pick<ClockOffset, 'ms' | 'boundMs'>; log: Log },
  options: { maxBytes: number; maxAgeMs: number },
): LogPipelines {
  const clockAttributes = createClockAttributes(clock);
  const made = new Map<PriorityClass, ClassPipeline & LogPipeline>();
  const paused = new Set<PriorityClass>();
  let small = false;

  function ofClass(priority: PriorityClass): LogPipeline {
    const known = made.get(priority);
    if (known) return known;
    const pipeline = createLogPipeline(
      { ...capabilities, clockAttributes },
      { ...options, stream: logStream(priority) },
    );
    const complete = { ...pipeline, ofClass };
    pipeline.pause(paused.has(priority));
    pipeline.shrinkBatches(small);
    made.set(priority, complete);
    return complete;
  }

  return {
    ofClass,
    emitted: () => [...made.values()].reduce((sum, pipeline) => sum + pipeline.emitted(), 0),
    pause(priority, on) {
      if (on) paused.add(priority);
      else paused.delete(priority);
      made.get(priority)?.pause(on);
    },
    shrinkBatches(on) {
      small = on;
      for (const pipeline of made.values()) pipeline.shrinkBatches(on);
    },
    flooded() {
      const sums = new Map<string, number>();
      for (const pipeline of made.values()) {
        for (const [scope, records] of pipeline.flooded()) sums.set(scope, (sums.get(scope) ?? 0) + records);
      }
      return sums;
    },
    giveBack() {
      for (const pipeline of made.values()) pipeline.giveBack();
    },
    async flush() {
      await Promise.all([...made.values()].map((pipeline) => pipeline.flush()));
    },
    async close() {
      await Promise.all([...made.values()].map((pipeline) => pipeline.close()));
    },
  };
}
