/** A query over log records as a tree. What each part means is told in docs/log-query.md. */
export type LogQuery =
  | { kind: 'everything' }
  /** The text, whole words of the body. */
  | { kind: 'words'; text: string }
  /** The text wherever it stands, also inside a word. */
  | { kind: 'text'; text: string }
  | {
      kind: 'field';
      field: string;
      comparison: '=' | '>=' | '<=' | 'starts-with' | 'present';
      value: string;
      column: number;
    }
  | { kind: 'not'; operand: LogQuery }
  | { kind: 'and' | 'or'; operands: LogQuery[] };
