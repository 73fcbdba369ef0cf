import { formatBytes } from '../../bundle/report-format.ts';
import { freeBytes } from '../../durable/free-space.ts';
import { errorRegistry } from '../../errors/registry.ts';
import { SextantError } from '../../errors/sextant-error.ts';
import { isNoSpace } from '../patient-start.ts';

/** Less is not enough for the engine's own files: it would end with words that help nobody. */
export const leastFreeBytes = 64 * 2 ** 20;
/** What an import leaves free, so that what it has taken so far can still be brought into the tables. */
export const floorBytes = 32 * 2 ** 20;

const nextStep = 'free space there, then give the same command again: it goes on where this one stopped';

export const fullCase = async (root: string, cause?: unknown): Promise<SextantError> =>
  new SextantError(
    'SX_DISK_FULL',
    `the disk of the case is full: ${formatBytes(await freeBytes(root))} are free in ${root}`,
    {
      ...{ cause, nextStep },
    },
  );

/** A failure for want of space in the case as SX_DISK_FULL that says where and what to do; every other as it is. */
export async function namedWhenCaseIsFull(error: unknown, root: string): Promise<unknown> {
  const known = error instanceof SextantError;
  // What has a next step of its own knows better which disk it is.
  const isGeneral = known && error.code === 'SX_DISK_FULL' && error.nextStep === errorRegistry.SX_DISK_FULL.next;
  return isGeneral || (!known && isNoSpace(error)) ? await fullCase(root, error) : error;
}
