import type { ProfileKeyInfo } from '../collector/api/shapes/profiles.ts';
import { createApiClient } from './api-client.ts';
import { print } from './output.ts';
import type { ProfilesOptions } from './profiles.ts';

export const createProfileKey = (options: ProfilesOptions): Promise<void> => tell('profile-key', options);

export const rotateProfileKey = (options: ProfilesOptions): Promise<void> => tell('profile-key/rotate', options);

async function tell(path: string, options: ProfilesOptions): Promise<void> {
  const client = createApiClient(options);
  const key = await client.send<ProfileKeyInfo>('POST', path).finally(() => client.close());
  if (options.json) return print(`${JSON.stringify(key)}\n`);
  const earlier = key.earlier.length > 0 ? `  after ${key.earlier.length} earlier\n` : '';
  await print(`Key of pushed profiles: ${key.keyId}\n${key.publicKey}\n${earlier}`);
}
