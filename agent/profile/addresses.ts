import { isIP, isIPv4 } from 'node:net';
import { Type } from 'typebox';
import { textFormat } from '../../config/text-format.ts';
import type { Reach } from './pushed/reach.ts';

interface Reaching {
  reach: Reach;
}

/**
 * Names that only the site knows, in addresses as `{vault}`: each instance of these services of the control plane has one
 * of its own, in front of the common suffix.
 */
export const siteNames = ['vault', 'edgeacr', 'blob', 'queue', 'table', 'servicebus'] as const;
const placeholder = new RegExp(`\\{(?:${siteNames.join('|')})\\}`, 'g');

/** These and `{suffix}` are filled in later; names that are one in every sense stand for them here. */
const filled = (text: string): string => text.replaceAll('{suffix}', 'suffix.example').replaceAll(placeholder, 'name');
const maxUrlChars = 2048;

const urlFault =
  (schemes: readonly string[]) =>
  (text: string): string | undefined => {
    const written = schemes.map((scheme) => `${scheme}//HOST/…`).join(' or ');
    if (text.length > maxUrlChars) return `is longer than ${maxUrlChars} characters; write a shorter address`;
    if (!URL.canParse(filled(text))) return `is no address; write ${written}`;
    const { protocol, username, password } = new URL(filled(text));
    if (!schemes.includes(protocol)) return `begins with ${protocol}; write ${written}`;
    if (username !== '' || password !== '') return 'has a user or password in it, which would be told; take them out';
    return undefined;
  };
const webUrl = textFormat('web-url', urlFault(['https:', 'http:']));
const httpUrl = textFormat('http-url', urlFault(['http:']));
const httpsUrl = textFormat('https-url', urlFault(['https:']));
const optionalHttpsUrl = textFormat('optional-https-url', (text) =>
  text === '' ? undefined : urlFault(['https:'])(text),
);

/** 253 is the longest name that DNS can ask for. */
const hostFault = (text: string): string | undefined =>
  isIP(text) !== 0 || (/^[^\s/\\:@[\]?#]{1,253}$/.test(filled(text)) && !text.includes('\0'))
    ? undefined
    : 'is no name and no address; write a host alone, without scheme, port or path';
const hostName = textFormat('host-name', hostFault);
const suffix = textFormat('suffix', (text) => (text === '' ? undefined : hostFault(text)));

/** As Node's resolver takes it. */
const serverFault = (text: string): string | undefined => {
  const [, host = '', port = '53'] = /^(\d+\.\d+\.\d+\.\d+|\[[^\]]+\]):(\d{1,5})$/.exec(text) ?? [];
  const isGood =
    host === '' ? isIP(text) !== 0 : (isIPv4(host) || isIP(host.slice(1, -1)) === 6) && Number(port) <= 65_535;
  return isGood ? undefined : 'is no address of a server; write 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:5353';
};
const dnsServer = textFormat('dns-server', serverFault);

export const WebUrl = (reaching: Reaching) => Type.String({ format: webUrl, ...reaching });
export const HttpUrl = (reaching: Reaching) => Type.String({ format: httpUrl, ...reaching });
export const HttpsUrl = (reaching: Reaching) => Type.String({ format: httpsUrl, ...reaching });
/** Nothing when empty. */
export const OptionalHttpsUrl = (reaching: Reaching) => Type.String({ format: optionalHttpsUrl, ...reaching });
/** Name or address of a machine, `{suffix}` in it where that is filled in; also a name that DNS is asked for. */
export const HostName = (reaching: Reaching) => Type.String({ format: hostName, ...reaching });
/** Nothing when empty. */
export const Suffix = (reaching: Reaching) => Type.String({ format: suffix, ...reaching });
export const DnsServer = (reaching: Reaching) => Type.String({ format: dnsServer, ...reaching });
