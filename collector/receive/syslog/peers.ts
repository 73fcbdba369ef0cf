import { BlockList, isIP } from 'node:net';
import { SextantError } from '../../../errors/sextant-error.ts';
import type { NodeCertificates } from '../../identity/node-certificates.ts';

/** Who a connection comes from. */
export interface Caller {
  address: string;
  /** SHA-256 of the client certificate, lower-case hexadecimal: whoever shows it has its key. */
  fingerprint?: string | undefined;
}

/** Who may send syslog. */
export interface SyslogPeers {
  /** The peer's name; undefined for a caller who may not send. */
  identify(caller: Caller): string | undefined;
  /** Names that the configuration tells beforehand: all but those of networks without a name. Sorted. */
  names(): string[];
}

type Target = { kind: 'fingerprint'; fingerprint: string } | { kind: 'addresses'; list: BlockList };
interface Entry {
  /** Undefined for a network: each of its addresses is a peer. */
  name: string | undefined;
  target: Target;
}

const setting = 'collector.syslog.peers';
const peerPattern = /^[A-Za-z0-9][\w.-]{0,62}$/;

/**
 * Nobody may send but enrolled nodes, by the certificate that this site's authority gave them, and the peers of the
 * configuration: `[NAME=]ADDRESS`, `[NAME=]NETWORK/BITS` or `NAME=sha256:FINGERPRINT`. A peer without a name is called
 * by its address. Throws SX_CONFIG_INVALID with everything that is wrong.
 */
export function createSyslogPeers(
  written: readonly string[],
  capabilities: { certificates: Pick<NodeCertificates, 'find'>; nowMs: () => number },
): SyslogPeers {
  const faults: string[] = [];
  const entries = written.flatMap((text) => {
    const entry = readEntry(text);
    if (typeof entry !== 'string') return [entry];
    faults.push(`${setting}: “${text}” ${entry}`);
    return [];
  });
  if (faults.length > 0) throw new SextantError('SX_CONFIG_INVALID', faults.join('\n  '));

  return {
    identify(caller) {
      const address = plainAddress(caller.address);
      const { fingerprint } = caller;
      if (fingerprint !== undefined) {
        const known = capabilities.certificates.find(fingerprint);
        if (known) {
          const good = known.revokedUnixMs === null && known.notAfterUnixMs > capabilities.nowMs();
          // A certificate that was taken back is not made good by the address that it comes from.
          return good ? known.node : undefined;
        }
        const pinned = entries.find(
          ({ target }) => target.kind === 'fingerprint' && target.fingerprint === fingerprint,
        );
        if (pinned) return pinned.name;
      }
      const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
      const found = entries.find(({ target }) => target.kind === 'addresses' && target.list.check(address, family));
      return found && (found.name ?? address);
    },
    names: () => [...new Set(entries.flatMap(({ name }) => name ?? []))].sort(),
  };
}

/** The name under which a peer's records are stored. No node can have it: `:` occurs in no node's name. */
export const peerNode = (peer: string): string => `${peerPrefix}${peer}`;
/** The peer's own name or address. */
export const peerName = (node: string): string => node.slice(peerPrefix.length);
export const isPeerNode = (node: string): boolean => node.startsWith(peerPrefix);
const peerPrefix = 'syslog:';

/** An IPv4 address that came over a socket of both kinds, as itself; without a link's name. */
export const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');

/** The entry, or what is wrong with it. */
function readEntry(text: string): Entry | string {
  const equals = text.indexOf('=');
  const name = equals === -1 ? undefined : text.slice(0, equals).trim();
  const target = text.slice(equals + 1).trim();
  if (name !== undefined && !peerPattern.test(name))
    return 'has a name that is not made of letters, digits, “.”, “_”, “-”';

  if (target.toLowerCase().startsWith('sha256:')) {
    const fingerprint = target.slice(7).replaceAll(':', '').toLowerCase();
    if (!/^[0-9a-f]{64}$/.test(fingerprint)) return 'has a fingerprint that is not 64 hexadecimal digits';
    if (name === undefined) return 'is a fingerprint without a name; write NAME=sha256:…';
    return { name, target: { kind: 'fingerprint', fingerprint } };
  }
  const [network = '', bits, ...more] = target.split('/');
  const version = isIP(network);
  const largest = version === 6 ? 128 : 32;
  const prefix = bits === undefined ? largest : Number(bits);
  if (version === 0 || more.length > 0 || bits === '' || !Number.isInteger(prefix) || prefix < 0 || prefix > largest) {
    return 'is neither an address, a network (10.0.0.0/24) nor sha256:FINGERPRINT; host names are not looked up';
  }
  const list = new BlockList();
  list.addSubnet(network, prefix, version === 6 ? 'ipv6' : 'ipv4');
  const only = prefix === largest ? network : undefined;
  return { name: name ?? only, target: { kind: 'addresses', list } };
}
