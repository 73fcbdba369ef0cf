import { isIP } from 'node:net';
import { hostname } from 'node:os';

/** Every name and address under which this collector may be called: what its server certificate must carry. */
export function serverNames(options: { listen: string; names: readonly string[] }): string[] {
  const everywhere = options.listen === '0.0.0.0' || options.listen === '::';
  const own = hostname().toLowerCase();
  return [
    'localhost',
    '127.0.0.1',
    '::1',
    // A host name that is no DNS name (an underscore, for example) cannot be checked by anybody.
    ...(/^[a-z0-9.-]+$/.test(own) ? [own] : []),
    ...(everywhere || !isIP(options.listen) ? [] : [options.listen]),
    ...options.names,
  ];
}
