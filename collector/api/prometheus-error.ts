import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { SextantError } from '../../errors/sextant-error.ts';
import { PrometheusFailure } from '../prometheus/failure.ts';
import type { PrometheusError } from './shapes/prometheus.ts';

/** The kinds of errors that an answer of a status can name. */
export const prometheusErrors: Record<number, string[]> = {
  400: ['bad_data'],
  401: ['unauthorized'],
  404: ['not_found'],
  422: ['execution'],
  500: ['internal'],
  503: ['unavailable', 'timeout', 'canceled'],
};

/** Answers an error of `/prometheus` as Prometheus does; what is not known goes on to the answer for all. */
export function answerPrometheusError(error: FastifyError, _request: FastifyRequest, reply: FastifyReply) {
  const send = (status: number, errorType: string, message: string) => {
    const body: PrometheusError = { status: 'error', errorType, error: message };
    return reply.code(status).type('application/json; charset=utf-8').send(body);
  };
  if (error instanceof PrometheusFailure) return send(error.status, error.kind, error.message);
  if (error instanceof SextantError) {
    if (error.code === 'SX_QUERY_TOO_LARGE') {
      const isTime = /longer than/.test(error.message);
      return send(isTime ? 503 : 422, isTime ? 'timeout' : 'execution', error.line());
    }
    return send(error.status, prometheusErrors[error.status]?.[0] ?? 'bad_data', error.line());
  }
  const fault = error.validation?.[0];
  if (fault) {
    const name = fault.instancePath.slice(1) || (fault.params as { missingProperty?: string }).missingProperty || '';
    return send(400, 'bad_data', `invalid parameter ${JSON.stringify(name)}: ${fault.message ?? 'is not valid'}`);
  }
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    return send(error.statusCode, 'bad_data', error.message);
  }
  throw error;
}
