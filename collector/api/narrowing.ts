import { Type } from 'typebox';

/** Parameters that narrow a reading of logs, the same on every route. */
export const logNarrowing = {
  node: Type.Optional(Type.String({ maxLength: 255, description: 'Records of this node only.' })),
  q: Type.Optional(Type.String({ maxLength: 4096, description: 'A query as in docs/log-query.md.' })),
  grep: Type.Optional(
    Type.String({ maxLength: 4096, description: 'A plain text that the body holds, whatever the case.' }),
  ),
  severity: Type.Optional(
    Type.String({ maxLength: 128, description: 'Severities, separated by commas: error,fatal.' }),
  ),
};

const time = 'an age such as 15m, RFC 3339, or epoch milliseconds';
/** The range of time of a reading, `since ≤ t < until`. */
export const timeRange = {
  since: Type.Optional(Type.String({ maxLength: 64, description: `From: ${time}.` })),
  until: Type.Optional(Type.String({ maxLength: 64, description: `To: ${time}; now when absent.` })),
};
