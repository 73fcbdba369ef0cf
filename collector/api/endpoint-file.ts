import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../../durable/atomic-write.ts';

/** How commands on this machine find the collector and prove themselves: whoever can read the file is its owner. */
export interface Endpoint {
  url: string;
  /** Bearer token of the local administrator; a new one at each start. */
  token: string;
  caFile: string;
  pid: number;
}

/** Writes `endpoint.json` (0600); the function it returns takes it away again. */
export function publishEndpoint(folder: string, endpoint: Endpoint): () => void {
  const path = join(folder, 'endpoint.json');
  writeFileAtomic(path, `${JSON.stringify(endpoint, null, 2)}\n`);
  return () => rmSync(path, { force: true });
}
