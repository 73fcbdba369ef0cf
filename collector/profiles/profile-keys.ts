import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { signMinisign } from '../../bundle/minisign.ts';
import {
  generateSigningKey,
  loadSigningKey,
  type MinisignSecretKey,
  parsePublicKey,
  parseSecretKey,
  writeSigningKey,
} from '../../bundle/minisign-key.ts';
import { writeFileAtomic } from '../../durable/atomic-write.ts';
import { keyStatement, type ProfileKeyLink } from '../../protocol/pushed-profile.ts';

const name = 'profiles';

/** The key that signs pushed profiles, apart from the authority's and the bundles', and all that came before it. */
export interface ProfileKeys {
  exists(): boolean;
  /** Made at the first call. */
  current(): MinisignSecretKey;
  /** Oldest first, each vouched for by the one before; ends with the current one. */
  chain(): ProfileKeyLink[];
  /** Makes a new key that the present one vouches for, and forgets the secret half of the present one. */
  rotate(): MinisignSecretKey;
}

/** Keys in `folder`: `profiles.key`, `profiles.pub` and `profiles.chain.json`. */
export function createProfileKeys(folder: string): ProfileKeys {
  const chainFile = join(folder, `${name}.chain.json`);
  let loaded: { key: MinisignSecretKey; chain: ProfileKeyLink[] } | undefined;

  function load(): { key: MinisignSecretKey; chain: ProfileKeyLink[] } {
    if (loaded) return loaded;
    const key = loadSigningKey(folder, name);
    const written = existsSync(chainFile) ? (JSON.parse(readFileSync(chainFile, 'utf8')) as ProfileKeyLink[]) : [];
    // A rotation that was cut off has written its link and not its key.
    const at = written.findIndex(({ publicKey }) => publicKey === key.publicKey.line);
    const chain = at < 0 ? [{ publicKey: key.publicKey.line, signature: null }] : written.slice(0, at + 1);
    loaded = { key, chain };
    return loaded;
  }

  return {
    exists: () => existsSync(join(folder, `${name}.key`)),
    current: () => load().key,
    chain: () => load().chain,
    rotate() {
      const { key, chain } = load();
      const next = generateSigningKey();
      const { line } = parsePublicKey(next.publicText);
      const signature = signMinisign(Buffer.from(keyStatement(line)), key, 'key of pushed profiles');
      writeFileAtomic(chainFile, `${JSON.stringify([...chain, { publicKey: line, signature }])}\n`, 0o644);
      writeSigningKey(folder, name, next);
      loaded = { key: parseSecretKey(next.secretText), chain: [...chain, { publicKey: line, signature }] };
      return loaded.key;
    },
  };
}
