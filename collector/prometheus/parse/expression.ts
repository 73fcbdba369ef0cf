import type { Matcher } from '../matchers.ts';

/** When a selector looks: the time of the evaluation, or a fixed one (`@`), and then back by an offset. */
export interface Moment {
  offsetMs: number;
  at: number | 'start' | 'end' | undefined;
}

export interface Selector extends Moment {
  kind: 'selector';
  matchers: Matcher[];
  /** Of a range vector. */
  rangeMs: number | undefined;
}

export interface Subquery extends Moment {
  kind: 'subquery';
  inner: Expression;
  rangeMs: number;
  /** The default when absent. */
  stepMs: number | undefined;
}

export interface Call {
  kind: 'call';
  name: string;
  args: Expression[];
}

export interface Aggregate {
  kind: 'aggregate';
  operator: string;
  labels: string[];
  without: boolean;
  parameter: Expression | undefined;
  inner: Expression;
}

export interface Matching {
  on: boolean;
  labels: string[];
  /** Which side may have several series for one of the other. */
  many: 'left' | 'right' | undefined;
  /** Labels that come from the side with one. */
  include: string[];
}

export interface Binary {
  kind: 'binary';
  operator: string;
  bool: boolean;
  matching: Matching | undefined;
  left: Expression;
  right: Expression;
}

/** A query of PromQL, as far as it is supported here. */
export type Expression =
  | { kind: 'number'; value: number }
  | { kind: 'string'; value: string }
  | { kind: 'negate'; inner: Expression }
  | Selector
  | Subquery
  | Call
  | Aggregate
  | Binary;

export type ValueType = 'scalar' | 'string' | 'instant vector' | 'range vector';
