import { Type } from 'typebox';
import type { PrometheusError } from '../../shapes/prometheus.ts';
import { same, Text } from './schema.ts';

export const prometheusAnswers = {
  PrometheusAnswer: Type.Object(
    {
      status: Type.Literal('success'),
      data: Type.Unknown(),
      warnings: Type.Optional(Type.Array(Text)),
    },
    { description: 'As Prometheus’ HTTP API has it.' },
  ),
  PrometheusError: same<PrometheusError>()(
    Type.Object({ status: Type.Literal('error'), errorType: Text, error: Text }),
  ),
};
