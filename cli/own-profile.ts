import { isEnrolled, loadIdentity } from '../agent/identity/identity.ts';
import { loadProfile } from '../agent/profile/load.ts';
import { openPushed } from '../agent/profile/pushed/answer.ts';
import { heldFile } from '../agent/profile/pushed/held-file.ts';
import type { Settings } from '../config/settings.ts';

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
