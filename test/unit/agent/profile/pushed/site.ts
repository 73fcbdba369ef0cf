import { signMinisign } from '../../../../../bundle/minisign.ts';
import { generateSigningKey, type MinisignSecretKey, parseSecretKey } from '../../../../../bundle/minisign-key.ts';
import { formatDocument, type PushedProfile, type SignedProfile } from '../../../../../protocol/pushed-profile.ts';

export const makeKey = (): MinisignSecretKey => parseSecretKey(generateSigningKey().secretText);

export const profile = (name: string, text: string, more: Partial<PushedProfile> = {}): PushedProfile => ({
  name,
  version: 1,
  nodes: [],
  roles: [],
  issuedUnixMs: 0,
  expiresUnixMs: Date.now() + 3_600_000,
  withdrawn: false,
  text,
  ...more,
});

export function signed(content: PushedProfile, key: MinisignSecretKey): SignedProfile {
  const document = formatDocument(content);
  return { document, signature: signMinisign(Buffer.from(document), key, 'x') };
}
