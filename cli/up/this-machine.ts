import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

/**
 * Name of this machine's node: as it is enrolled at this collector, or as it gets enrolled now.
 * An identity from another collector's authority (its folder was replaced) counts as none.
 */
export async function enrolThisMachine(
  { createToken, say }: { createToken(): Promise<string>; say(text: string): void },
  options: { dataDir: string; collectorUrl: string; name: string },
): Promise<string> {
  const { dataDir, collectorUrl } = options;
  const identity = join(dataDir, 'agent', 'identity');
  if (!belongsTo(identity, join(dataDir, 'collector', 'ca', 'ca.crt'))) {
    say('Enrolling this machine …');
    const { enroll } = await import('../../agent/identity/enroll.ts');
    await enroll({ dataDir, collectorUrl, token: await createToken(), node: options.name || hostname() });
  }
  return JSON.parse(readFileSync(join(identity, 'agent.json'), 'utf8')).node;
}

function belongsTo(identity: string, caFile: string): boolean {
  const complete = ['agent.json', 'node.key', 'node.crt', 'ca.crt'].every((name) => existsSync(join(identity, name)));
  return complete && readFileSync(join(identity, 'ca.crt'), 'utf8').trim() === readFileSync(caFile, 'utf8').trim();
}
