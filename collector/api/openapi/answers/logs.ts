import { Type } from 'typebox';
import {
  type FieldFacet,
  type LogContext,
  type LogHistogram,
  type LogPage,
  type LogRow,
  type Severity,
  severities,
} from '../../shapes/logs.ts';
import { names, orNull, same, Text, Texts, Time } from './schema.ts';

const countsBySeverity = Type.Unsafe<Partial<Record<Severity, number>>>({
  type: 'object',
  properties: Object.fromEntries(severities.map((severity) => [severity, { type: 'number' }])),
});

const logRow = same<LogRow>()(
  Type.Object({
    timestamp: Time,
    node: Type.String({ description: 'As the sender’s certificate proves it.' }),
    severity: names(severities),
    body: Text,
    attributes: Texts,
    resource: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        description: 'What an OTLP client says of where it runs; service.name is among the attributes.',
      }),
    ),
    eventName: Type.Optional(Text),
    traceId: Type.Optional(Type.String({ description: 'Lower-case hexadecimal, as spanId.' })),
    spanId: Type.Optional(Text),
    cursor: Type.Optional(Type.String({ description: 'Its place, for logs/context or to go on from.' })),
  }),
);

export const logAnswers = {
  LogRow: logRow,
  LogPage: same<LogPage>()(
    Type.Object({
      records: Type.Array(logRow),
      next: orNull(Type.String({ description: 'Cursor of the next page; null at the end.' })),
      rowsRead: Type.Number(),
      bytesRead: Type.Number(),
    }),
  ),
  LogContext: same<LogContext>()(
    Type.Object({ before: Type.Array(logRow), record: logRow, after: Type.Array(logRow) }),
  ),
  LogHistogram: same<LogHistogram>()(
    Type.Object({
      stepMs: Type.Number(),
      buckets: Type.Array(Type.Object({ timestamp: Time, counts: countsBySeverity })),
    }),
  ),
  FieldFacets: same<FieldFacet[]>()(
    Type.Array(Type.Object({ field: Text, values: Type.Array(Type.Object({ value: Text, count: Type.Number() })) })),
  ),
};
