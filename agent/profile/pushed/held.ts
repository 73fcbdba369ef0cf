import { existsSync } from 'node:fs';
import { verifyMinisign } from '../../../bundle/minisign.ts';
import { keyIdText, type MinisignPublicKey } from '../../../bundle/minisign-key.ts';
import { readTextFile } from '../../../config/text-file.ts';
import {
  type ProfilesAnswer,
  type PushedProfile,
  parseDocument,
  parseProfilesAnswer,
  type SignedProfile,
} from '../../../protocol/pushed-profile.ts';
import { followKeys } from './key-chain.ts';

/** What a node keeps of pushed profiles. It proves itself from the believed key on, whoever has written it. */
export interface HeldProfiles extends ProfilesAnswer {
  /** The highest version of each name that was ever taken. */
  floors: Record<string, number>;
}

export const nothingHeld: HeldProfiles = { keys: [], profiles: [], floors: {} };

const maxFileBytes = 32 * 1024 * 1024;

/** Reads such a file; undefined when there is none. Throws with the reason when it is something else. */
export function readHeld(path: string): HeldProfiles | undefined {
  if (!existsSync(path)) return undefined;
  const text = readTextFile(path, maxFileBytes);
  const { floors } = JSON.parse(text) as { floors?: unknown };
  const good =
    typeof floors === 'object' &&
    floors !== null &&
    Object.values(floors).every((floor) => Number.isSafeInteger(floor));
  if (!good) throw new Error(`${path} is damaged`);
  return { ...parseProfilesAnswer(text), floors: { ...(floors as Record<string, number>) } };
}

/** Reads a document if this key has signed it. Throws with the reason. */
export function openDocument({ document, signature }: SignedProfile, key: MinisignPublicKey): PushedProfile {
  const { ok, detail } = verifyMinisign(Buffer.from(document), signature, key);
  if (!ok) throw new Error(detail);
  return parseDocument(document);
}

export function isSignedBy(signed: SignedProfile, key: MinisignPublicKey): boolean {
  try {
    openDocument(signed, key);
    return true;
  } catch {
    return false;
  }
}

/**
 * The held profiles whose signatures lead back to the believed key, and the key that has signed them. What does not
 * prove itself is left out: the collector is asked again as soon as it is there.
 */
export function openHeld(
  held: HeldProfiles,
  believed: string | undefined,
): { signed: SignedProfile[]; profiles: PushedProfile[]; keyId: string } | undefined {
  if (believed === undefined || held.keys.length === 0) return undefined;
  let key: MinisignPublicKey;
  try {
    key = followKeys(believed, held.keys);
  } catch {
    return undefined;
  }
  const signed = held.profiles.filter((each) => isSignedBy(each, key));
  return { signed, profiles: signed.map((each) => openDocument(each, key)), keyId: keyIdText(key.keyId) };
}
