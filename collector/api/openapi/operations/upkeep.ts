import { json, type Operation } from '../operation.ts';

export const upkeepOperations: Record<string, Operation> = {
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
};
