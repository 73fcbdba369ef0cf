import { setImmediate as nextTurn } from 'node:timers/promises';
import { executionFailure, PrometheusFailure } from '../failure.ts';
import { type CompileRegex, createRegexCompiler } from '../regex.ts';

/** Samples read and values held by one query: 16 bytes each, and some times that while an answer of storage is read. */
const most = { samples: 2_000_000, values: 10_000_000 };
/** Characters that take as much memory as a value, at two bytes each. */
const charactersOfValue = 8;
/** Visits of a sample between two looks at the clock: some milliseconds where they are sorted, far less where they are added. */
const stretch = 20_000;
/** How long the event loop may be held before others get their turn. */
const turnMs = 20;

/** What one query may take, and its end: it shares a process with those who store. */
export interface Work {
  readonly signal: AbortSignal;
  /** Samples that may still be read. */
  samplesLeft(): number;
  readSamples(count: number): void;
  /** Throws a failure `execution` when the query would hold too many values. */
  hold(values: number): void;
  /** Counts text among the values. */
  holdText(characters: number): void;
  /** Makes the regular expressions of the query. */
  readonly compileRegex: CompileRegex;
  /** Counts visits of samples; true when `rest` is due. */
  visit(count: number): boolean;
  /** Lets others have their turn. Throws a failure `timeout` or `canceled`. */
  rest(): Promise<void>;
  /** Why the query ends when its signal says so. */
  ended(): PrometheusFailure;
}

export const tooManySamples = () =>
  executionFailure('query processing would load too many samples into memory in query execution');

export function createWork({ timeoutMs, hangUp }: { timeoutMs: number; hangUp?: AbortSignal }): Work {
  const deadline = AbortSignal.timeout(timeoutMs);
  const endsAt = performance.now() + timeoutMs;
  const signal = hangUp ? AbortSignal.any([hangUp, deadline]) : deadline;
  let samples = 0;
  let values = 0;
  let visits = 0;
  let turnBegan = performance.now();
  const ended = (): PrometheusFailure =>
    hangUp?.aborted
      ? new PrometheusFailure('canceled', 'query was canceled in expression evaluation')
      : new PrometheusFailure('timeout', 'query timed out in expression evaluation');

  const hold = (count: number): void => {
    values += count;
    if (values > most.values) throw tooManySamples();
  };

  return {
    signal,
    samplesLeft: () => most.samples - samples,
    readSamples(count) {
      samples += count;
      if (samples > most.samples) throw tooManySamples();
    },
    hold,
    holdText: (characters) => hold(Math.ceil(characters / charactersOfValue)),
    compileRegex: createRegexCompiler(),
    visit(count) {
      visits += count;
      if (visits < stretch) return false;
      visits = 0;
      return performance.now() - turnBegan > turnMs;
    },
    async rest() {
      await nextTurn();
      turnBegan = performance.now();
      if (hangUp?.aborted || turnBegan >= endsAt) throw ended();
    },
    ended,
  };
}
