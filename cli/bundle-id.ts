import { isBundleId } from '../bundle/bundle-name.ts';
import type { BundleJob } from '../collector/api/shapes/bundles.ts';
import { SextantError } from '../errors/sextant-error.ts';
import type { ApiClient } from './api-client.ts';

const maxTold = 10;

/** The bundle whose id this is or begins with. Throws SX_NOT_FOUND, and SX_BAD_REQUEST with the ids when there are several. */
export async function findBundleJob(client: Pick<ApiClient, 'get'>, idOrStart: string): Promise<BundleJob> {
  const found = await client.get<BundleJob[]>('bundles', { id: idOrStart });
  const job = theOne(
    idOrStart,
    found.map((each) => ({ id: each.id, of: each })),
  );
  if (job) return job;
  throw new SextantError('SX_NOT_FOUND', `there is no bundle ${idOrStart}`, {
    nextStep: '`sextant bundle list` shows the ids; their first characters are enough',
  });
}

/** Which of these an id or its beginning names; undefined for none. Throws SX_BAD_REQUEST with the ids when it fits several. */
export function theOne<Of>(idOrStart: string, all: readonly { id: string; of: Of }[]): Of | undefined {
  const fitting = all.filter(({ id }) => isBundleId(id) && id.startsWith(idOrStart));
  const exact = fitting.find(({ id }) => id === idOrStart);
  if (exact) return exact.of;
  if (fitting.length < 2) return fitting[0]?.of;
  const ids = fitting.map(({ id }) => id).slice(0, maxTold);
  const more = fitting.length > maxTold ? `, and ${fitting.length - maxTold} more` : '';
  throw new SextantError(
    'SX_BAD_REQUEST',
    `the ids of ${fitting.length} bundles begin with ${idOrStart}: ${ids.join(', ')}${more}`,
    { nextStep: 'write more of its characters' },
  );
}
