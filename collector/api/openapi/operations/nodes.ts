import { json, type Operation } from '../operation.ts';

export const nodeOperations: Record<string, Operation> = {
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
};
