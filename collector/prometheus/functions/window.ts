/** The samples that a function of a range vector gets at one step: at least one. */
export interface Window {
  /** Milliseconds since the Unix epoch, rising. */
  times: Float64Array;
  values: Float64Array;
  /** Where the window begins and ends, whatever samples there are. */
  startMs: number;
  endMs: number;
  /** The time of the evaluation. */
  nowMs: number;
  /** The function's scalar argument. */
  parameter: number;
}

/** The value of one window; undefined for none. */
export type WindowFunction = (window: Window) => number | undefined;

export const firstOf = (list: Float64Array): number => list[0] ?? Number.NaN;
export const lastOf = (list: Float64Array): number => list[list.length - 1] ?? Number.NaN;
