import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { SextantError } from '../../errors/sextant-error.ts';

const dnsName = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i;

/**
 * Every name and address under which this collector may be called: what its server certificate must carry.
 * Throws SX_CONFIG_INVALID for a name that no certificate can carry.
 */
export function serverNames(options: { listen: string; names: readonly string[] }): string[] {
  const everywhere = options.listen === '0.0.0.0' || options.listen === '::';
  const own = hostname().toLowerCase();
  const wrong = options.names.filter((name) => !isIP(name) && !dnsName.test(name));
  if (wrong.length > 0) {
    throw new SextantError(
      'SX_CONFIG_INVALID',
      `collector.names: ${wrong.map((name) => `“${name}”`).join(', ')} is neither a DNS name nor an address`,
    );
  }
  return [
    'localhost',
    '127.0.0.1',
    '::1',
    // A host name that is no DNS name (an underscore, for example) cannot be checked by anybody.
    ...(dnsName.test(own) ? [own] : []),
    ...(everywhere || !isIP(options.listen) ? [] : [options.listen]),
    ...options.names,
  ];
}
