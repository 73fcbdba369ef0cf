import type { FastifyRequest } from 'fastify';

/** The path as it was sent, without the query: a query may hold what does not belong in a log. */
export const pathOf = (request: FastifyRequest): string => request.url.split('?', 1)[0] ?? '';
