import type { LogRecord } from '@opentelemetry/api-logs';
import type { LogPipeline } from '../../../../agent/sources/source.ts';

/**
 * A LogPipeline in memory that keeps the contract: records and the marks made in the same turn become durable
 * together, one frame per turn. A restart keeps only what was durable.
 */
export function createRecordingPipeline(before: { durable?: Map<string, string> } = {}) {
  const durable = new Map(before.durable);
  const records: LogRecord[] = [];
  let open: { records: LogRecord[]; marks: Map<string, string | undefined> } | undefined;
  let full: Promise<void> | undefined;

  function frame() {
    if (!open) {
      const started = { records: [] as LogRecord[], marks: new Map<string, string | undefined>() };
      open = started;
      // Between turns: what a turn emitted and marked is cut as one frame.
      setImmediate(() => {
        if (open === started) cut();
      });
    }
    return open;
  }
  function cut() {
    if (!open) return;
    records.push(...open.records);
    for (const [key, position] of open.marks) {
      if (position === undefined) durable.delete(key);
      else durable.set(key, position);
    }
    open = undefined;
  }

  const pipeline: LogPipeline = {
    logger: () => ({
      emit: (record: LogRecord) => {
        frame().records.push(record);
      },
      enabled: () => true,
    }),
    mark: (key, position) => {
      frame().marks.set(key, position);
    },
    position: (key) => durable.get(key),
    forget: (key) => {
      frame().marks.set(key, undefined);
    },
    ready: () => full ?? new Promise((resolve) => setImmediate(resolve)),
  };

  return {
    pipeline,
    /** What is on disk, as after a crash: the open frame is lost. */
    durable,
    records,
    bodies: () => records.map((record) => String(record.body)),
    /** Makes `ready` wait until the returned function is called. */
    fill(): () => void {
      let release = () => {};
      full = new Promise((resolve) => {
        release = resolve;
      });
      return () => {
        full = undefined;
        release();
      };
    },
    /** The power goes out: what was not durable is gone. */
    crash() {
      open = undefined;
    },
  };
}
export type RecordingPipeline = ReturnType<typeof createRecordingPipeline>;
