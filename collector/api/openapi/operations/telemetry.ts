import { json, type Operation, query } from '../operation.ts';

export const telemetryOperations: Record<string, Operation> = {
  'GET /api/v1/logs': {
    summary: 'Log records: a page, or one object a line (newest records of the range, oldest of them first)',
    tag: 'logs',
    who: 'user',
    answer: { 'application/json': 'LogPage', 'application/x-ndjson': 'LogRow' },
    errors: query,
  },
  'GET /api/v1/logs/context': {
    summary: 'What arrived around a record from the same node, service, source and file',
    tag: 'logs',
    who: 'user',
    answer: json('LogContext'),
    errors: ['SX_NOT_FOUND', ...query],
  },
  'GET /api/v1/logs/histogram': {
    summary: 'Records per step of time and severity',
    tag: 'logs',
    who: 'user',
    answer: json('LogHistogram'),
    errors: query,
  },
  'GET /api/v1/logs/fields': {
    summary: 'The most frequent values of fields',
    tag: 'logs',
    who: 'user',
    answer: json('FieldFacets'),
    errors: query,
  },
  'GET /api/v1/logs/tail': {
    summary:
      'Log records as they arrive, as server-sent events: each a record with its id; `dropped` says how many were left out, `failed` why it ended. Go on with Last-Event-ID',
    tag: 'logs',
    who: 'user',
    answer: { 'text/event-stream': 'LogRow' },
    errors: ['SX_TOO_OFTEN'],
  },
  'GET /api/v1/metrics': {
    summary: 'The metrics that had a sample in the range',
    tag: 'metrics',
    who: 'user',
    answer: json('MetricNames'),
    errors: query,
  },
  'GET /api/v1/metrics/points': {
    summary: 'Samples as they were recorded: the newest, oldest of them first; the header Link leads to older ones',
    tag: 'metrics',
    who: 'user',
    answer: { 'application/json': 'MetricPoints', 'application/x-ndjson': 'MetricPoint' },
    errors: query,
  },
  'GET /api/v1/metrics/series': {
    summary: 'A metric as series over steps of time',
    tag: 'metrics',
    who: 'user',
    answer: json('MetricSeries'),
    errors: query,
  },
  'POST /api/v1/sql': {
    summary: 'One SELECT over stored telemetry, read-only and bounded; audited',
    tag: 'administration',
    who: 'administrator',
    answer: json('SqlAnswer'),
    errors: ['SX_SQL_REFUSED', 'SX_TOO_OFTEN', ...query],
  },
  'GET /api/v1/alerts': {
    summary: 'What is wrong now, and with `since` what has been',
    tag: 'alerts',
    who: 'user',
    answer: json('AlertList'),
  },
};
