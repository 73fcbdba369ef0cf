import { json, type Operation } from '../operation.ts';

export const accessOperations: Record<string, Operation> = {
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
};
