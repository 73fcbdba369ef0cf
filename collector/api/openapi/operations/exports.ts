import { json, type Operation } from '../operation.ts';

export const exportOperations: Record<string, Operation> = {
  'GET /api/v1/drives': {
    summary: 'Removable drives of the collector’s machine, and whether bundles may go there',
    tag: 'bundles',
    who: 'administrator',
    answer: json('Drives'),
    errors: ['SX_UNAVAILABLE'],
  },
  'GET /api/v1/exports': {
    summary: 'Exports of bundles onto media, newest first',
    tag: 'bundles',
    who: 'user',
    answer: json('ExportList'),
  },
  'GET /api/v1/exports/:id': {
    summary: 'How far an export is',
    tag: 'bundles',
    who: 'user',
    answer: json('ExportJob'),
    errors: ['SX_NOT_FOUND'],
  },
  'POST /api/v1/bundles/:id/exports': {
    summary: 'Ask for a bundle to be exported to a drive that the site allows',
    tag: 'bundles',
    who: 'administrator',
    answer: json('ExportJob'),
    status: 202,
    errors: ['SX_NOT_FOUND', 'SX_EXPORT_REFUSED', 'SX_MEDIUM_UNFIT', 'SX_CONFLICT', 'SX_UNAVAILABLE'],
  },
  'POST /api/v1/exports/steps': {
    summary: 'Tell the audit what `sextant bundle export` has done; at most 200 steps at once',
    tag: 'bundles',
    who: 'administrator',
    answer: 'nothing',
    status: 204,
  },
  'POST /api/v1/exports/:id/approve': {
    summary: 'Approve an export that somebody else asked for',
    tag: 'bundles',
    who: 'administrator',
    answer: json('ExportJob'),
    errors: ['SX_NOT_FOUND', 'SX_EXPORT_REFUSED', 'SX_CONFLICT'],
  },
  'DELETE /api/v1/exports/:id': {
    summary: 'Stop an export, or withdraw the request for one',
    tag: 'bundles',
    who: 'administrator',
    answer: json('ExportJob'),
    errors: ['SX_NOT_FOUND'],
  },
};
