import { verifyMinisign } from '../../../bundle/minisign.ts';
import { keyIdText, type MinisignPublicKey, parsePublicKey } from '../../../bundle/minisign-key.ts';
import { keyStatement, type ProfileKeyLink } from '../../../protocol/pushed-profile.ts';

/**
 * The key that a site signs profiles with now, as far as the one that this node believes vouches for it. A node that
 * has none believes the newest that its collector shows. Throws with the reason when there is no way from the one to the
 * other.
 */
export function followKeys(believed: string | undefined, chain: readonly ProfileKeyLink[]): MinisignPublicKey {
  const newest = chain.at(-1);
  if (!newest) throw new Error('the collector shows no key of pushed profiles');
  if (believed === undefined) return parsePublicKey(newest.publicKey);
  const at = chain.findIndex(({ publicKey }) => publicKey === believed);
  if (at < 0) {
    const [shown, own] = [newest.publicKey, believed].map((line) => keyIdText(parsePublicKey(line).keyId));
    throw new Error(
      `the collector’s key ${shown} of pushed profiles is not the key ${own} that this node enrolled with; enrol it again if that is meant`,
    );
  }
  let key = parsePublicKey(believed);
  for (const { publicKey, signature } of chain.slice(at + 1)) {
    const { ok, detail } = verifyMinisign(Buffer.from(keyStatement(publicKey)), signature ?? '', key);
    if (!ok) throw new Error(`the change of the key of pushed profiles does not hold: ${detail}`);
    key = parsePublicKey(publicKey);
  }
  return key;
}
