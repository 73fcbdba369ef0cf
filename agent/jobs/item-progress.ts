import { type GatherProgress, longestElapsedMs } from '../../protocol/control.ts';

export type RecordUnit = NonNullable<GatherProgress['records']>['of'];
export type ExpectedSize = NonNullable<GatherProgress['expected']>;
type Told = Omit<GatherProgress, 'type' | 'bundleId' | 'source' | 'records' | 'elapsedMs' | 'expected'>;
type Ended = Told & { state: Exclude<GatherProgress['state'], 'waiting' | 'running'> };

/** How far one item of a gather job is. */
export interface ItemProgress {
  readonly bytes: number;
  /** Its turn has not come yet. */
  readonly waits: boolean;
  /** Its turn has come. */
  begin(): void;
  onBytes(more: number): void;
  onRecords(more: number, of: RecordUnit): void;
  /** How much it will be, as far as it is known now; told at once, nothing after its end. */
  onExpected(expected: ExpectedSize): void;
  /** Says what became of it; its time stands still from the first end on. */
  end(outcome: Ended): void;
}

/** Between two messages that only say that more has come. */
const sayEveryMs = 1000;

/** Tells that the item waits, and from then on what `say` is to pass on of it. */
export function createItemProgress(capabilities: {
  say: (fields: Omit<GatherProgress, 'type' | 'bundleId' | 'source'>) => void;
  nowMs: () => number;
  /** What is known of its size before anything is looked at. */
  expected: ExpectedSize | undefined;
}): ItemProgress {
  const { nowMs } = capabilities;
  let { expected } = capabilities;
  let state: GatherProgress['state'] = 'waiting';
  let bytes = 0;
  let records: GatherProgress['records'];
  let beganMs: number | undefined;
  let elapsedMs: number | undefined;
  let saidMs = 0;

  const say = (told: Told): void => {
    // A clock that is set meanwhile must not make a message of which the collector takes nothing.
    if (beganMs !== undefined) elapsedMs = Math.min(Math.max(0, nowMs() - beganMs), longestElapsedMs);
    saidMs = nowMs();
    capabilities.say({
      ...told,
      ...(records && { records: { ...records } }),
      ...(elapsedMs !== undefined && { elapsedMs }),
      ...(expected && { expected }),
    });
  };
  say({ state, bytes });
  return {
    get bytes() {
      return bytes;
    },
    get waits() {
      return state === 'waiting';
    },
    begin: () => {
      state = 'running';
      beganMs = nowMs();
      say({ state, bytes });
    },
    onBytes: (more) => {
      bytes += more;
      if (nowMs() - saidMs >= sayEveryMs) say({ state, bytes });
    },
    onRecords: (more, of) => {
      records = { count: (records?.count ?? 0) + more, of };
    },
    onExpected: (now) => {
      if (state !== 'waiting' && state !== 'running') return;
      expected = now;
      say({ state, bytes });
    },
    end: (outcome) => {
      state = outcome.state;
      // What could not be kept has brought nothing.
      if (state === 'failed' && outcome.bytes === 0) records = undefined;
      say(outcome);
      beganMs = undefined;
    },
  };
}
