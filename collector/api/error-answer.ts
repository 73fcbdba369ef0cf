import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { patternWords } from '../../config/text-pattern.ts';
import { SextantError } from '../../errors/sextant-error.ts';
import type { Log } from '../../logging/log.ts';
import { jsonStatus, otlpStatus } from './otlp-status.ts';
import { pathOf } from './request-path.ts';
import type { ApiError } from './shapes/access.ts';

/** SQLITE_FULL, as node:sqlite reports it. */
const sqliteFull = 13;
const otlpRetryAfterSeconds = 1;

/** Turns whatever was thrown into one answer: a code, what happened, what to do. Internals stay in the log. */
export function installErrorAnswers(app: FastifyInstance, log: Log): void {
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const known = toSextantError(error);
    if (!known) log.error({ err: error, method: request.method, path: pathOf(request) }, 'a request failed');
    return answer(request, reply, known ?? new SextantError('SX_INTERNAL', 'something went wrong in the collector'));
  });

  app.setNotFoundHandler((request, reply) => {
    const what = `there is no ${request.method} ${pathOf(request)}`;
    return answer(request, reply, new SextantError('SX_NOT_FOUND', what, { nextStep: 'check the address' }));
  });
}

function toSextantError(error: FastifyError): SextantError | undefined {
  if (error instanceof SextantError) return error;
  if ((error as { errcode?: number }).errcode === sqliteFull) {
    return new SextantError('SX_DISK_FULL', 'state.db cannot be written', { cause: error });
  }
  const fault = error.validation?.[0];
  if (fault) {
    const where = `${error.validationContext ?? 'request'}${fault.instancePath.replaceAll('/', '.')}`;
    return new SextantError('SX_BAD_REQUEST', `${where} ${inWords(fault, error.validation ?? [])}`);
  }
  if (error.statusCode === 413)
    return new SextantError('SX_TOO_LARGE', 'the request’s body is too large', {
      nextStep: 'send less in one request',
    });
  // What fastify itself finds wrong with a request: broken JSON, a media type without a parser, and the like.
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    return new SextantError('SX_BAD_REQUEST', error.message);
  }
  return undefined;
}

type SchemaFault = NonNullable<FastifyError['validation']>[number];

/** What a schema finds wrong, for somebody who does not see the schema. */
function inWords(fault: SchemaFault, all: readonly SchemaFault[]): string {
  const { keyword, params, message = 'is not valid' } = fault;
  if (keyword === 'pattern') return patternWords(String(params.pattern)) ?? message;
  if (keyword === 'enum') return `must be one of ${[params.allowedValues].flat().join(', ')}`;
  // A choice is told as one fault for each of what may be chosen, and one for the whole.
  const here = all.filter(({ instancePath }) => instancePath === fault.instancePath);
  const choices = here.filter((other) => other.keyword === 'const').map((other) => other.params.allowedValue);
  if (choices.length > 1 && here.every((other) => other.keyword === 'const' || other.keyword === 'anyOf'))
    return `must be one of ${choices.join(', ')}`;
  return message;
}

function answer(request: FastifyRequest, reply: FastifyReply, error: SextantError) {
  reply.code(error.status);
  if (pathOf(request).startsWith('/v1/')) {
    if (error.status === 429 || error.status === 503) reply.header('retry-after', otlpRetryAfterSeconds);
    // OTLP answers in the format that it was asked in.
    if (/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
      return reply.header('content-type', 'application/json').send(jsonStatus(error.line()));
    }
    return reply.type('application/x-protobuf').send(otlpStatus(error.line()));
  }
  const body: ApiError = { error: { code: error.code, message: error.message, nextStep: error.nextStep } };
  return reply.type('application/json; charset=utf-8').send(body);
}
