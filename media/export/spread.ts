import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SextantError } from '../../errors/sextant-error.ts';
import type { ExportJournal } from './journal.ts';
import type { Part } from './parts.ts';
import { roomFor, roomOn } from './preflight.ts';

interface Load {
  folder: string;
  /** The medium's number within the export, from 1. */
  number: number;
  parts: Part[];
}

export interface Spread {
  loads: Load[];
  /** Which medium carries, or will carry, a part. */
  mediumOf: Map<string, number>;
  /** How many media there are in all; null while parts are left over. */
  total: number | null;
}

/**
 * Gives every part that no finished medium of this export carries to one of these folders: in order, whole parts, each
 * folder as much as fits. Throws SX_MEDIUM_FULL when parts are left over and `split` does not allow that.
 */
export async function spreadParts(
  folders: readonly string[],
  { bundle, payload, tags, journal, split }: SpreadSubject,
): Promise<Spread> {
  const { finished, unfinished, highest } = journal.media();
  const mediumOf = journal.carried();
  const waiting = payload.filter((part) => !mediumOf.has(part.path));
  const loads: Load[] = [];
  let next = highest;
  for (const folder of folders) {
    const number = unfinished.get(folder) ?? ++next;
    const room = (await roomOn(folder, tags)) ?? Number.POSITIVE_INFINITY;
    const parts: Part[] = [];
    let left = room;
    for (let part = waiting[0]; part !== undefined; part = waiting[0]) {
      const need = (await isThere(folder, bundle, part)) ? 0 : roomFor([part]);
      if (need > left) break;
      left -= need;
      parts.push(part);
      waiting.shift();
    }
    if (parts.length === 0 && waiting[0]) throw full(`${folder} has no room for ${waiting[0].path}`, waiting, false);
    for (const part of parts) mediumOf.set(part.path, number);
    // A folder more than was needed stays as it is; a bundle without payload still has its descriptions.
    if (parts.length > 0 || (loads.length === 0 && finished.size === 0)) loads.push({ folder, number, parts });
  }
  if (waiting.length > 0 && !split) throw full('not everything fits', waiting, true);
  const total = waiting.length > 0 ? null : new Set([...finished, ...loads.map((load) => load.number)]).size;
  return { loads, mediumOf, total };
}

interface SpreadSubject {
  bundle: string;
  payload: readonly Part[];
  tags: readonly Part[];
  journal: ExportJournal;
  split: boolean;
}

function full(what: string, waiting: readonly Part[], moreHelps: boolean): SextantError {
  const bytes = waiting.reduce((sum, part) => sum + part.bytes, 0);
  return new SextantError('SX_MEDIUM_FULL', `${what}: ${waiting.length} parts with ${bytes} bytes are left over`, {
    nextStep: moreHelps
      ? 'free space, give further media with --to, or add --split to go on with another medium later'
      : 'free space or take a larger medium',
  });
}

/** Whether an earlier try brought a file of this size, whose room is then taken already. */
const isThere = (folder: string, bundle: string, part: Part): Promise<boolean> =>
  stat(join(folder, bundle, part.path)).then(
    ({ size }) => size === part.bytes,
    () => false,
  );
