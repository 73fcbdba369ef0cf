import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { number, type Row, rows, text } from '../../powershell/json-values.ts';
import type { LogPipeline } from '../source.ts';
import { describeComponent, type HardwareReading } from './instruments.ts';

const positionKey = 'hardware:whea';
/** Event ids of the WHEA-Logger for errors that were corrected; the others were not. */
const correctedEvents = [17, 19, 42, 47];

const Counted = Type.Object({
  /** What was counted, by error.type. */
  counts: Type.Record(Type.String(), Type.Integer({ minimum: 0 })),
  /** Number of the last record of the System log that is in it, and the latest time of any. */
  record: Type.Integer({ minimum: 0 }),
  time: Type.String(),
});
type Counted = Static<typeof Counted>;
/** It becomes a part of a query. */
const utcTime = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

/**
 * Counts hardware errors from what hardware.ps1 finds in the System log behind the last that is counted. The log forgets
 * its oldest records; the sum, which goes on over restarts of the agent, does not.
 */
export function createWheaCounter(logs: Pick<LogPipeline, 'position' | 'mark'>) {
  let counted = parseCounted(logs.position(positionKey));

  return {
    /** For hardware.ps1: behind which record, and behind what time. */
    parameters: (): string[] =>
      counted === undefined ? [] : ['-After', String(counted.record), '-Since', counted.time],
    /** Takes in the answer, and gives readings of all that was counted so far. */
    count(answer: Row): HardwareReading[] {
      const record = number(answer.wheaRecord);
      const time = text(answer.wheaTime);
      if (record !== undefined && time !== undefined && utcTime.test(time)) {
        const counts = { ...counted?.counts };
        for (const row of rows(answer.whea)) {
          const type = correctedEvents.includes(number(row.id) ?? 0) ? 'whea_corrected' : 'whea_uncorrected';
          counts[type] = (counts[type] ?? 0) + (number(row.count) ?? 0);
        }
        // A clock that was set back must not make what is counted new again.
        counted = { counts, record, time: counted && counted.time > time ? counted.time : time };
        logs.mark(positionKey, JSON.stringify(counted));
      }
      return Object.entries(counted?.counts ?? {}).flatMap(([type, count]) => {
        const machine = describeComponent({ type: 'enclosure', id: 'whea', name: 'Windows hardware errors' });
        machine.add('hw.errors', count, { 'error.type': type });
        return machine.readings;
      });
    },
  };
}

/** Undefined for none, and for one that says something else: it is counted again from the start of the machine. */
function parseCounted(position: string | undefined): Counted | undefined {
  try {
    const read: unknown = JSON.parse(position ?? 'null');
    return Value.Check(Counted, read) && utcTime.test(read.time) ? read : undefined;
  } catch {
    return undefined;
  }
}
