import { Type } from 'typebox';
import { type MetricName, type MetricPoint, type MetricSeries, metricKinds } from '../../shapes/metrics.ts';
import { names, orNull, same, Text, Texts, Time } from './schema.ts';

const metricPoint = same<MetricPoint>()(
  Type.Object({
    timestamp: Time,
    node: Text,
    value: Type.Number({ description: 'Of a histogram or summary the average of what it has observed.' }),
    unit: Text,
    attributes: Texts,
    distribution: Type.Optional(
      Type.Object({
        count: Type.Number(),
        sum: Type.Number(),
        buckets: Type.Optional(Type.Array(Type.Object({ upperBound: orNull(Type.Number()), count: Type.Number() }))),
        quantiles: Type.Optional(Type.Array(Type.Object({ quantile: Type.Number(), value: Type.Number() }))),
      }),
    ),
  }),
);

export const metricAnswers = {
  MetricNames: same<MetricName[]>()(
    Type.Array(Type.Object({ name: Text, unit: Text, kind: names(metricKinds), description: Text })),
  ),
  MetricPoint: metricPoint,
  MetricPoints: Type.Array(metricPoint),
  MetricSeries: same<MetricSeries>()(
    Type.Object({
      name: Text,
      unit: Text,
      stepMs: Type.Number(),
      timestamps: Type.Array(Type.Number({ description: 'Unix milliseconds; one axis for all series.' })),
      series: Type.Array(Type.Object({ labels: Texts, values: Type.Array(orNull(Type.Number())) })),
    }),
  ),
};
