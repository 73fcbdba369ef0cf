import type { Settings } from '../../config/settings.ts';
import { type IdentityName, loadIdentity } from '../identity/identity.ts';
import { heldFile } from './pushed/held-file.ts';
import { type ReadProfile, readProfile } from './read.ts';

/**
 * Reads the profile of a node over the pushed ones that it holds, which are none before it is enrolled; `pushed` when those
 * are in another file.
 */
export function readNodeProfile(
  { dataDir, settings, identity }: { dataDir: string; settings: Settings; identity: IdentityName | undefined },
  pushed: { file: string; believedKey: string | undefined } = {
    file: heldFile(dataDir),
    believedKey: identity?.profileKey,
  },
): Promise<ReadProfile> {
  const allowed = settings['agent.profiles.allowPushed'];
  const takes = identity && settings['agent.profiles.pushed'];
  return readProfile({
    names: settings['agent.profile'],
    dataDir,
    ...(takes && { pushed: { ...pushed, node: identity.node, allowed } }),
  });
}

/**
 * The same for who is about to load the agent itself, a quarter of a second of work: the profile is read in another process
 * meanwhile.
 */
export async function beginReading(dataDir: string, settings: Settings): Promise<ReadProfile> {
  return readNodeProfile({ dataDir, settings, identity: loadIdentity(dataDir) });
}
