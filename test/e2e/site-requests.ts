import { readFileSync } from 'node:fs';
import { type RequestOptions, request } from 'node:https';
import { join } from 'node:path';

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** One HTTPS request that believes this site's authority and no other. */
export function ask(
  dataDir: string,
  url: string,
  options: RequestOptions & { send?: string | Uint8Array } = {},
): Promise<Answer> {
  const { send, ...rest } = options;
  const ca = readFileSync(join(dataDir, 'collector', 'ca', 'ca.crt'));
  return new Promise((resolve, reject) => {
    const call = request(url, { ca, agent: false, ...rest }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    call.once('error', reject);
    call.end(send);
  });
}

/** What this machine's agent shows of itself: its key and certificate. */
export function nodeCredentials(dataDir: string): { key: Buffer; cert: Buffer } {
  const identity = join(dataDir, 'agent', 'identity');
  return { key: readFileSync(join(identity, 'node.key')), cert: readFileSync(join(identity, 'node.crt')) };
}
