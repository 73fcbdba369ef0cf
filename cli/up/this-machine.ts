import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isEnrolled, loadIdentity } from '../../agent/identity/identity.ts';

/**
 * Name of this machine's node: as it is enrolled at this collector, or as it gets enrolled now.
 * An identity from another authority (the collector's folder was replaced) counts as none.
 */
export async function enrolThisMachine(
  { createToken, say }: { createToken(): Promise<string>; say(text: string): void },
  options: { dataDir: string; collectorUrl: string; name: string },
): Promise<string> {
  const { dataDir, collectorUrl } = options;
  const authority = readFileSync(join(dataDir, 'collector', 'ca', 'ca.crt'), 'utf8');
  if (!isEnrolled(dataDir) || loadIdentity(dataDir).ca.trim() !== authority.trim()) {
    say('Enrolling this machine …');
    const { enroll } = await import('../../agent/identity/enroll.ts');
    await enroll({ dataDir, collectorUrl, token: await createToken(), node: options.name, force: true });
  }
  return loadIdentity(dataDir).node;
}
