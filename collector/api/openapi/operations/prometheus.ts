import { json, type Operation } from '../operation.ts';

const operation = (summary: string): Operation => ({
  summary,
  tag: 'prometheus',
  who: 'user',
  answer: json('PrometheusAnswer'),
  speaksPrometheus: true,
});

/** Prometheus takes the parameters of a query as a form as well. */
const byBoth = (path: string, summary: string): Record<string, Operation> => ({
  [`GET /prometheus/api/v1${path}`]: operation(summary),
  [`POST /prometheus/api/v1${path}`]: operation(summary),
});

export const prometheusOperations: Record<string, Operation> = {
  ...byBoth('/query', 'The value of a PromQL expression at one time'),
  ...byBoth('/query_range', 'The values of a PromQL expression at all steps of a range'),
  ...byBoth('/series', 'The labels of the series that selectors find'),
  ...byBoth('/labels', 'The names of labels'),
  'GET /prometheus/api/v1/label/:name/values': operation('The values of a label'),
  'GET /prometheus/api/v1/metadata': operation('Type, unit and description of the metrics of the last day'),
  'GET /prometheus/api/v1/status/buildinfo': operation('What answers here, and which release’s language it speaks'),
};
