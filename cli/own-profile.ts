import { isEnrolled, loadIdentity, loadIdentityName } from '../agent/identity/identity.ts';
import type { LocalFault } from '../agent/profile/fallback/fall-back.ts';
import { loadProfile } from '../agent/profile/load.ts';
import { readNodeProfile } from '../agent/profile/node-profile.ts';
import type { Profile } from '../agent/profile/profile.ts';
import { openPushed } from '../agent/profile/pushed/answer.ts';
import { heldFile } from '../agent/profile/pushed/held-file.ts';
import type { CoverageSource } from '../bundle/coverage.ts';
import { noRole } from '../bundle/no-role.ts';
import type { Settings } from '../config/settings.ts';
import { SextantError } from '../errors/sextant-error.ts';
import { printable } from './printable.ts';

/** The profile of the node of this data folder as its agent reads it, or over other `names` than the configured. */
export function loadOwnProfile(
  dataDir: string,
  settings: Settings,
  names: readonly string[] = settings['agent.profile'],
): ReturnType<typeof loadProfile> {
  const identity = isEnrolled(dataDir) && settings['agent.profiles.pushed'] ? loadIdentity(dataDir) : undefined;
  const pushed =
    identity &&
    openPushed({
      file: heldFile(dataDir),
      believedKey: identity.profileKey,
      node: identity.node,
      allowed: settings['agent.profiles.allowPushed'],
    });
  return loadProfile({ names, dataDir, pushed });
}

/**
 * The same for who must not end over a fault of it, since nobody else may be left to ask: what an agent would go on with
 * (docs/profiles.md). The fault is told on stderr, and returned.
 */
export async function readOwnProfile(
  dataDir: string,
  settings: Settings,
): Promise<{ profile: Profile; fault: LocalFault | undefined }> {
  const identity = isEnrolled(dataDir) ? nameOrNone(dataDir) : undefined;
  const { profile, fault } = await readNodeProfile({ dataDir, settings, identity });
  for (const line of fault ? [...fault.text.split('\n'), `→ ${fault.instead}`] : []) {
    process.stderr.write(`${printable(line)}\n`);
  }
  return { profile, fault };
}

/** A damaged identity is told with the other damage of the data folder (agent/collect/damage.ts). */
function nameOrNone(dataDir: string): ReturnType<typeof loadIdentityName> | undefined {
  try {
    return loadIdentityName(dataDir);
  } catch {
    return undefined;
  }
}

/** Says on stderr what is damaged in the data folder, and what was done without it. */
export function tellDamage(damaged: readonly CoverageSource[]): void {
  for (const { reason } of damaged) process.stderr.write(`${printable(reason ?? '')}\n`);
}

/** Sees that this node has the roles that a person asked for; a bundle without one would look complete. Throws SX_NOT_FOUND. */
export function demandRoles({ name, bundle }: Profile, roles: readonly string[]): void {
  const missing = roles.find((role) => role !== noRole && !Object.hasOwn(bundle, role));
  if (missing === undefined) return;
  throw new SextantError('SX_NOT_FOUND', `the profile ${name} of this node has no role ${missing}`, {
    nextStep: `it has ${Object.keys(bundle).sort().join(', ') || 'none'}: sextant agent explain bundle`,
  });
}
