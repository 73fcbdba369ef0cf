import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Journal } from '../journal/journal.ts';
import { openQuarantine } from '../journal/quarantine-box.ts';
import type { Audit } from '../state/audit.ts';

/** Any name: what is not in the list is not found. It never becomes a path before it was found there. */
const Named = Type.Object({ name: Type.String({ minLength: 1, maxLength: 200 }) });

/** `/api/v1/quarantine`, for administrators: batches that storage did not take. */
export const quarantineRoutes =
  ({
    journalFolder,
    journal,
    audit,
  }: {
    journalFolder: string;
    journal: Pick<Journal, 'append'>;
    audit: Audit;
  }): FastifyPluginAsync =>
  async (plain) => {
    const app = plain.withTypeProvider<TypeBoxTypeProvider>();
    app.addHook('preHandler', app.requireAdministrator);
    const box = openQuarantine(journalFolder);
    const who = ({ identity }: FastifyRequest): string => (identity.kind === 'user' ? identity.user : identity.kind);

    app.get('/api/v1/quarantine', async () => box.list());
    app.get('/api/v1/quarantine/:name', { schema: { params: Named } }, async (request) =>
      box.show(request.params.name),
    );
    app.post('/api/v1/quarantine/:name/retry', { schema: { params: Named } }, async (request, reply) => {
      const { name } = request.params;
      // Without its number: the stream has gone past it, and would take it for a duplicate.
      await box.retry(name, async ({ signal, entry, otlp, records, outline }) => {
        await journal.append({ signal, node: entry.mark.node, bytes: otlp, records, outline });
      });
      audit('quarantine.retried', who(request), { name });
      return reply.code(204).send();
    });
    app.delete('/api/v1/quarantine/:name', { schema: { params: Named } }, async (request, reply) => {
      const { reason, bytes } = box.drop(request.params.name);
      audit('quarantine.dropped', who(request), { name: request.params.name, reason, bytes });
      return reply.code(204).send();
    });
  };
