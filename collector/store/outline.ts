/**
 * What is known of the content of OTLP bytes without decoding them, so that the engine does no more than they need.
 * It may say too much, never too little.
 */
export interface Outline {
  /** Some value is an array or a map. */
  nested: boolean;
  /** Some ScopeLogs carries attributes of all its records (protocol/otlp/record-attributes.ts). */
  recordAttributes: boolean;
  /** Kinds of metrics: bit `n` stands for field `n` of the Metric message (gauge 5, sum 7, …). */
  metricKinds: number;
}

/** What of it decides how the engine reads the rows of a table. */
export type Reading = Pick<Outline, 'nested' | 'recordAttributes'>;

/** The outline of bytes that nobody has looked at. */
export const unknownOutline: Outline = { nested: true, recordAttributes: true, metricKinds: ~0 };
export const emptyOutline: Outline = { nested: false, recordAttributes: false, metricKinds: 0 };

export const joinOutlines = (a: Outline, b: Outline): Outline => ({
  nested: a.nested || b.nested,
  recordAttributes: a.recordAttributes || b.recordAttributes,
  metricKinds: a.metricKinds | b.metricKinds,
});
