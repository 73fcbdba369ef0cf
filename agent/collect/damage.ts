import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { CoverageSource } from '../../bundle/coverage.ts';
import type { Settings } from '../../config/settings.ts';
import { readTextFile } from '../../config/text-file.ts';
import { isEnrolled, loadIdentityName } from '../identity/identity.ts';
import type { LocalFault } from '../profile/fallback/fall-back.ts';
import { keptFile } from '../profile/fallback/kept-file.ts';
import { readKept } from '../profile/fallback/kept-layers.ts';
import { readHeld } from '../profile/pushed/held.ts';
import { heldFile } from '../profile/pushed/held-file.ts';
import { countersFile, maxCountersBytes } from '../ring/counters.ts';

/** A file of the data folder that is there and cannot be used. */
export interface Damage {
  file: string;
  reason: string;
  /** What a bundle does or lacks without it. */
  instead: string;
}

const maxReasonChars = 2000;

/** Looks into the files that a bundle of this node does without when it has to; never throws. */
export function findDamage(dataDir: string, settings: Settings, profileFault: LocalFault | undefined): Damage[] {
  const found: Damage[] = [];
  const look = (file: string, read: () => unknown, instead: string): void => {
    try {
      read();
    } catch (error) {
      found.push({ file, reason: (error as Error).message, instead });
    }
  };
  if (isEnrolled(dataDir)) {
    const instead = 'the bundle has the host’s name, and pushed profiles are left out';
    look(join(dataDir, 'agent', 'identity', 'agent.json'), () => loadIdentityName(dataDir), instead);
    const held = heldFile(dataDir);
    if (settings['agent.profiles.pushed']) look(held, () => readHeld(held), 'pushed profiles are left out');
  }
  const kept = keptFile(dataDir);
  if (profileFault && existsSync(kept)) {
    const readable = (): void => {
      if (readKept(dataDir) === undefined) throw new Error('it does not hold the layers of a profile');
    };
    look(kept, readable, 'how the profile was before its fault is not known');
  }
  const counters = countersFile(join(dataDir, 'agent', 'ring'));
  if (existsSync(counters)) {
    look(
      counters,
      () => JSON.parse(readTextFile(counters, maxCountersBytes)),
      'whether the ring has dropped anything is not known',
    );
  }
  return found;
}

/** What damage is in a bundle: a source each, which is there in part. */
export const damageGaps = (
  node: string,
  { dataDir, damage }: { dataDir: string; damage: readonly Damage[] },
): CoverageSource[] =>
  damage.map(({ file, reason, instead }) => ({
    ...{ node, source: `data-folder/${relative(dataDir, file).replaceAll('\\', '/')}`, state: 'partial', bytes: 0 },
    ...{ first: null, last: null, masked: {} },
    reason: `${file} is damaged (${reason}): ${instead}`.slice(0, maxReasonChars),
  }));
