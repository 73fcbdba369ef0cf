import type { ErrorCode } from '../../../errors/registry.ts';
import type { AnswerName } from './answers.ts';

export interface Operation {
  summary: string;
  tag: 'session' | 'nodes' | 'logs' | 'metrics' | 'alerts' | 'bundles' | 'administration';
  /** Who may call it. */
  who: 'everybody' | 'user' | 'administrator';
  /** Media type → what it holds: a named schema, or bytes. */
  answer: Record<string, AnswerName | 'bytes'> | 'nothing';
  status?: 200 | 201 | 202 | 204;
  /** Beside those that follow from who may call it and what it takes. */
  errors?: ErrorCode[];
}

const json = <Name extends AnswerName>(name: Name) => ({ 'application/json': name });
const query: ErrorCode[] = ['SX_QUERY_TOO_LARGE', 'SX_UNAVAILABLE'];

/** Every route of `/api/v1`, by method and path. A route that is missing here makes the description's test fail. */
export const operations: Record<string, Operation> = {
  'GET /api/v1/health': {
    summary: 'Whether the collector answers',
    tag: 'administration',
    who: 'everybody',
    answer: json('Health'),
    errors: ['SX_UNAVAILABLE'],
  },
  'GET /api/v1/openapi.json': {
    summary: 'This description',
    tag: 'administration',
    who: 'user',
    answer: json('Description'),
  },
  'POST /api/v1/session': {
    summary: 'Sign in with the token of a one-time link; sets the session cookie',
    tag: 'session',
    who: 'everybody',
    answer: json('SessionInfo'),
    errors: ['SX_UNAUTHENTICATED', 'SX_TOO_OFTEN'],
  },
  'GET /api/v1/session': { summary: 'Who is signed in', tag: 'session', who: 'user', answer: json('SessionInfo') },
  'DELETE /api/v1/session': { summary: 'Sign out', tag: 'session', who: 'user', answer: 'nothing', status: 204 },
  'POST /api/v1/tokens': {
    summary: 'Make a token: to enrol a node, to sign in, for the API, to send OTLP; it is shown this once',
    tag: 'administration',
    who: 'administrator',
    answer: json('Token'),
    status: 201,
  },
  'GET /api/v1/tokens': {
    summary: 'Tokens that can still be used, without their secrets',
    tag: 'administration',
    who: 'administrator',
    answer: json('TokenList'),
  },
  'DELETE /api/v1/tokens/:id': {
    summary: 'End a token at once',
    tag: 'administration',
    who: 'administrator',
    answer: 'nothing',
    status: 204,
    errors: ['SX_NOT_FOUND'],
  },
  'GET /api/v1/ca': {
    summary: 'The certificate of the site’s own authority, PEM',
    tag: 'administration',
    who: 'everybody',
    answer: { 'application/x-pem-file': 'bytes' },
  },
  'POST /api/v1/enroll': {
    summary: 'Enrol a node: an enrolment token and a certificate request against a certificate',
    tag: 'nodes',
    who: 'everybody',
    answer: json('Enrollment'),
    errors: ['SX_ENROLLMENT_TOKEN', 'SX_CONFLICT', 'SX_TOO_OFTEN'],
  },
  'GET /api/v1/nodes': { summary: 'Who reports, and how fresh', tag: 'nodes', who: 'user', answer: json('NodeList') },
  'GET /api/v1/nodes/:node/inventory': {
    summary: 'Hardware, system, network and disks of a node',
    tag: 'nodes',
    who: 'user',
    answer: json('Inventory'),
    errors: ['SX_NOT_FOUND'],
  },
  'POST /api/v1/nodes/:node/revoke': {
    summary: 'Trust the certificates of a node no more',
    tag: 'nodes',
    who: 'administrator',
    answer: 'nothing',
    status: 204,
    errors: ['SX_NOT_FOUND'],
  },
  'GET /api/v1/profiles': {
    summary: 'Profiles that were pushed to nodes, and what became of them there',
    tag: 'nodes',
    who: 'user',
    answer: json('PushedProfileList'),
  },
  'POST /api/v1/profiles': {
    summary: 'Sign a profile layer and push it to nodes; a name that is there gets a new version',
    tag: 'nodes',
    who: 'administrator',
    answer: json('PushedProfile'),
    status: 201,
    errors: ['SX_PROFILE_INVALID', 'SX_NOT_FOUND', 'SX_CONFLICT'],
  },
  'GET /api/v1/profiles/:name': {
    summary: 'A pushed profile with its text, document and signature',
    tag: 'nodes',
    who: 'user',
    answer: json('PushedProfileText'),
    errors: ['SX_NOT_FOUND'],
  },
  'DELETE /api/v1/profiles/:name': {
    summary: 'Take a pushed profile back on all nodes',
    tag: 'nodes',
    who: 'administrator',
    answer: json('PushedProfile'),
    errors: ['SX_NOT_FOUND'],
  },
  'POST /api/v1/profile-key': {
    summary: 'The public key that nodes check pushed profiles with; made when there is none',
    tag: 'nodes',
    who: 'administrator',
    answer: json('ProfileKey'),
  },
  'POST /api/v1/profile-key/rotate': {
    summary: 'Make a new key, vouched for by the present one',
    tag: 'nodes',
    who: 'administrator',
    answer: json('ProfileKey'),
  },
  'GET /api/v1/storage': {
    summary: 'Bytes on disk by table, day and node',
    tag: 'administration',
    who: 'administrator',
    answer: json('StorageUsage'),
  },
  'GET /api/v1/storage/upkeep': {
    summary: 'The task of upkeep that runs, or the last that ran',
    tag: 'administration',
    who: 'administrator',
    answer: json('UpkeepState'),
    errors: ['SX_NOT_FOUND'],
  },
  'POST /api/v1/storage/upkeep': {
    summary: 'Begin a backup, a check or a compaction',
    tag: 'administration',
    who: 'administrator',
    answer: json('UpkeepState'),
    status: 202,
    errors: ['SX_CONFLICT'],
  },
  'GET /api/v1/quarantine': {
    summary: 'Batches that storage did not take',
    tag: 'administration',
    who: 'administrator',
    answer: json('QuarantinedBatches'),
  },
  'GET /api/v1/quarantine/:name': {
    summary: 'A batch in quarantine, and the texts in it',
    tag: 'administration',
    who: 'administrator',
    answer: json('QuarantinedContent'),
    errors: ['SX_NOT_FOUND'],
  },
  'POST /api/v1/quarantine/:name/retry': {
    summary: 'Give a batch to storage again',
    tag: 'administration',
    who: 'administrator',
    answer: 'nothing',
    status: 204,
    errors: ['SX_NOT_FOUND', 'SX_CONFLICT', 'SX_BACKLOG_FULL', 'SX_DISK_FULL'],
  },
  'DELETE /api/v1/quarantine/:name': {
    summary: 'Delete a batch from quarantine for good',
    tag: 'administration',
    who: 'administrator',
    answer: 'nothing',
    status: 204,
    errors: ['SX_NOT_FOUND'],
  },
  'GET /api/v1/audit': {
    summary: 'Who did what that matters to security, newest first',
    tag: 'administration',
    who: 'administrator',
    answer: json('AuditEntries'),
  },
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
  'POST /api/v1/bundles': {
    summary: 'Order a bundle of evidence',
    tag: 'bundles',
    who: 'administrator',
    answer: json('BundleJob'),
    status: 202,
    errors: ['SX_NOT_FOUND', 'SX_UNAVAILABLE'],
  },
  'POST /api/v1/redaction/reveal': {
    summary: 'What a pseudonym stands for; each question is in the audit',
    tag: 'bundles',
    who: 'administrator',
    answer: json('RevealedPseudonym'),
    errors: ['SX_NOT_FOUND'],
  },
  'GET /api/v1/bundle-schedules': {
    summary: 'Bundles that are made again and again',
    tag: 'bundles',
    who: 'user',
    answer: json('BundleScheduleList'),
  },
  'POST /api/v1/bundle-schedules': {
    summary: 'Have a bundle made at these times',
    tag: 'bundles',
    who: 'administrator',
    answer: json('BundleSchedule'),
    status: 201,
    errors: ['SX_CONFLICT'],
  },
  'DELETE /api/v1/bundle-schedules/:name': {
    summary: 'Make no more of these',
    tag: 'bundles',
    who: 'administrator',
    answer: json('BundleSchedule'),
    errors: ['SX_NOT_FOUND'],
  },
  'POST /api/v1/bundle-schedules/:name/run': {
    summary: 'Have its bundle made now',
    tag: 'bundles',
    who: 'administrator',
    answer: json('BundleJob'),
    status: 202,
    errors: ['SX_NOT_FOUND', 'SX_UNAVAILABLE'],
  },
  'GET /api/v1/bundles': { summary: 'All bundles', tag: 'bundles', who: 'user', answer: json('BundleList') },
  'GET /api/v1/bundles/:id': {
    summary: 'How far a bundle is',
    tag: 'bundles',
    who: 'user',
    answer: json('BundleJob'),
    errors: ['SX_NOT_FOUND'],
  },
  'DELETE /api/v1/bundles/:id': {
    summary: 'Cancel a bundle',
    tag: 'bundles',
    who: 'administrator',
    answer: json('BundleJob'),
    errors: ['SX_NOT_FOUND'],
  },
  'GET /api/v1/bundles/:id/download': {
    summary: 'A whole bundle as tar',
    tag: 'bundles',
    who: 'administrator',
    answer: { 'application/x-tar': 'bytes' },
    errors: ['SX_NOT_FOUND'],
  },
  'GET /api/v1/bundles/:id/files/*': {
    summary: 'One part of a bundle',
    tag: 'bundles',
    who: 'administrator',
    answer: { 'application/octet-stream': 'bytes' },
    errors: ['SX_NOT_FOUND'],
  },
};
