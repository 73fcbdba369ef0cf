import type { LogRecord } from '@opentelemetry/api-logs';
import type { LogPipeline } from '../../../../agent/sources/source.ts';

interface Frame {
  records: LogRecord[];
  marks: Map<string, string | undefined>;
}

/** Records of a frame, and for how long it gathers: as the real one, frames span many turns. */
const cutAt = { records: 500, milliseconds: 15 };

/**
 * A LogPipeline in memory that keeps the contract: records and marks become durable together, in frames that are cut
 * between turns or inside `mark`. A crash loses the open frame, and whatever the old run emits from then on.
 */
export function createRecordingPipeline() {
  const durable = new Map<string, string>();
  const records: LogRecord[] = [];
  let full: Promise<void> | undefined;
  let outage: { afterRecords: number; begun: () => void } | undefined;
  let run = startRun();

  function startRun() {
    let open: Frame | undefined;
    let alive = true;

    function frame(): Frame {
      if (!open) {
        const started: Frame = { records: [], marks: new Map() };
        open = started;
        setTimeout(() => open === started && cut(), cutAt.milliseconds);
      }
      return open;
    }
    function cut(): void {
      const closing = open;
      open = undefined;
      if (!closing || !alive) return;
      records.push(...closing.records);
      for (const [key, position] of closing.marks) {
        if (position === undefined) durable.delete(key);
        else durable.set(key, position);
      }
      if (outage === undefined || records.length < outage.afterRecords) return;
      crash();
      outage.begun();
      outage = undefined;
    }
    const pipeline: LogPipeline = {
      logger: () => ({
        emit: (record: LogRecord) => {
          frame().records.push(record);
        },
        enabled: () => true,
      }),
      lines: () => ({
        write({ bytes, start, end, origin, place, seconds, nanos, observedUnixMs, severity, part }) {
          frame().records.push({
            body: bytes.toString('utf8', start, end),
            timestamp: [seconds, nanos],
            observedTimestamp: observedUnixMs,
            ...(severity && { severityNumber: severity.number, severityText: severity.text }),
            attributes: {
              ...origin.attributes,
              'log.record.uid': `${origin.uid}-${place.toString(36)}`,
              ...(part && { 'sextant.log.split': part }),
            },
          });
        },
      }),
      keys: (prefix) => [...durable.keys()].filter((key) => key.startsWith(prefix)),
      mark(key, position) {
        frame().marks.set(key, position);
        if (frame().records.length >= cutAt.records) cut();
      },
      position: (key) => durable.get(key),
      forget(key) {
        frame().marks.set(key, undefined);
      },
      ofClass: () => pipeline,
      ready: () => full ?? Promise.resolve(),
    };
    return {
      pipeline,
      end() {
        alive = false;
      },
      flush: cut,
    };
  }

  function crash(): void {
    run.end();
    run = startRun();
  }

  return {
    get pipeline() {
      return run.pipeline;
    },
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
    /** The power goes out: what was not durable is gone, and the next run begins. */
    crash,
    /** It goes out as soon as so many records are durable, and then this resolves. */
    crashAfter: (afterRecords: number): Promise<void> =>
      new Promise((begun) => {
        outage = { afterRecords, begun };
      }),
    /** An orderly end: the open frame is written, and the next run begins. */
    restart(): void {
      run.flush();
      run.end();
      run = startRun();
    },
  };
}
export type RecordingPipeline = ReturnType<typeof createRecordingPipeline>;
