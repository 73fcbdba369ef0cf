import { json, type Operation } from '../operation.ts';

export const profileOperations: Record<string, Operation> = {
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
};
