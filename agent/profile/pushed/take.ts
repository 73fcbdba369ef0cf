import type { MinisignPublicKey } from '../../../bundle/minisign-key.ts';
import {
  type ProfilesAnswer,
  type PushedProfile,
  parseDocument,
  profileLimits,
  type SignedProfile,
} from '../../../protocol/pushed-profile.ts';
import type { ReadProfile } from '../read.ts';
import { type HeldProfiles, isSignedBy, openDocument } from './held.ts';
import type { PushedOutcome } from './layers.ts';

const maxReasonChars = 2000;

/** What comes of an offer. */
export interface Taken {
  held: HeldProfiles;
  verdict: ReadProfile;
  /** Documents that were not taken; what was held under their names holds on. */
  refused: PushedOutcome[];
}

/**
 * Decides which of the offered documents this node takes: those that the key has signed, that go on from the version
 * before, and that `judge` finds nothing wrong with. `judge` reads the node's profile with these documents in it.
 */
export async function takeOffered(
  offered: ProfilesAnswer,
  held: HeldProfiles,
  key: MinisignPublicKey,
  judge: (profiles: SignedProfile[]) => Promise<ReadProfile>,
  nowMs: number,
): Promise<Taken> {
  const refused: PushedOutcome[] = [];
  const refuse = (signed: SignedProfile, reason: string): void => {
    refused.push({ ...nameOf(signed), state: 'refused', reason: reason.slice(0, maxReasonChars) });
  };
  // What has ended, and what a key signed that was given up since, counts only if it is offered; its number stays known.
  const own = held.profiles.filter(
    (signed) => isSignedBy(signed, key) && parseDocument(signed.document).expiresUnixMs > nowMs,
  );
  const before = new Map(own.map((signed) => [parseDocument(signed.document).name, signed]));
  const fresh = new Map<string, SignedProfile>();
  for (const signed of offered.profiles) {
    try {
      const { name, version } = openDocument(signed, key);
      const floor = held.floors[name] ?? 0;
      const present = before.get(name);
      if (version < floor)
        throw new Error(`version ${version} is older than version ${floor}, which this node has had`);
      if (version === floor && present && present.document !== signed.document) {
        throw new Error(`this node has version ${version} with another content`);
      }
      fresh.set(name, signed);
    } catch (error) {
      refuse(signed, (error as Error).message);
    }
  }

  const together = new Map([...before, ...fresh]);
  for (const name of before.keys()) {
    if (together.size > profileLimits.documents && !fresh.has(name)) together.delete(name);
  }
  let verdict = await judge([...together.values()]);
  let faulty = false;
  for (const { name, state, reason } of verdict.pushed) {
    const signed = fresh.get(name);
    const present = before.get(name);
    if (state !== 'refused' || !signed || present?.document === signed.document) continue;
    faulty = true;
    refuse(signed, reason ?? '');
    if (present) together.set(name, present);
    else together.delete(name);
  }
  if (faulty) verdict = await judge([...together.values()]);

  const floors = { ...held.floors };
  for (const { document } of together.values()) {
    const { name, version } = parseDocument(document);
    floors[name] = Math.max(floors[name] ?? 0, version);
  }
  return { held: { keys: offered.keys, profiles: [...together.values()], floors }, verdict, refused };
}

/** As far as it can be read: what is not signed may say anything. */
function nameOf({ document }: SignedProfile): Pick<PushedProfile, 'name' | 'version'> {
  try {
    const { name, version } = parseDocument(document);
    return { name, version };
  } catch {
    return { name: 'unreadable', version: 0 };
  }
}
