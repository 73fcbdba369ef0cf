import { readFileSync, statSync } from 'node:fs';
import type { Settings } from '../../../config/settings.ts';
import { SextantError } from '../../../errors/sextant-error.ts';

/** A ClickHouse server as the configuration names it, checked. */
export interface ServerTarget {
  url: string;
  database: string;
  user: string;
  password: string;
  /** PEM of the authority that signed the server's certificate. */
  authority?: Buffer;
  /** Empty: a single server. */
  cluster: string;
}

const fault = (setting: string, what: string, nextStep?: string): SextantError =>
  new SextantError('SX_CONFIG_INVALID', `${setting}: ${what}`, nextStep === undefined ? {} : { nextStep });

/**
 * Reads the `storage.*` settings and the files they name; undefined when telemetry is to be stored in the process.
 * A password never goes over a line that others can read: plain http is for loopback alone.
 * Throws SX_CONFIG_INVALID.
 */
export function readTarget(settings: Settings): ServerTarget | undefined {
  const text = settings['storage.url'];
  if (text === '') return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') {
    throw fault('storage.url', `"${text}" is not the URL of a server`, 'write it as https://host:8443');
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw fault(
      'storage.url',
      'holds more than a server',
      'set storage.user, storage.passwordFile and storage.database',
    );
  }
  if (url.protocol === 'http:' && !loopback.test(url.hostname)) {
    throw fault('storage.url', `plain http to ${url.hostname} would show the password to the network`, 'use https');
  }
  return {
    url: url.href,
    database: name(settings, 'storage.database'),
    user: settings['storage.user'],
    password: readPassword(settings['storage.passwordFile']),
    cluster: settings['storage.cluster'] === '' ? '' : name(settings, 'storage.cluster'),
    ...(settings['storage.caFile'] !== '' && { authority: readAuthority(settings['storage.caFile']) }),
  };
}

const loopback = /^(localhost|127(\.\d+){3}|\[::1\])$/;

function name(settings: Settings, setting: 'storage.database' | 'storage.cluster'): string {
  const text = settings[setting];
  if (!/^[A-Za-z_][A-Za-z0-9_-]*$/.test(text)) throw fault(setting, `"${text}" is not a name`);
  return text;
}

function readPassword(path: string): string {
  if (path === '') return '';
  try {
    const open = statSync(path).mode & 0o077;
    if (open !== 0) {
      throw fault('storage.passwordFile', `others than its owner may use ${path}`, `chmod 600 ${path}`);
    }
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    if (cause instanceof SextantError) throw cause;
    throw fault('storage.passwordFile', `cannot read ${path}: ${(cause as Error).message}`);
  }
}

function readAuthority(path: string): Buffer {
  try {
    const pem = readFileSync(path);
    if (!pem.includes('-----BEGIN CERTIFICATE-----')) throw new Error('no PEM certificate in it');
    return pem;
  } catch (cause) {
    throw fault('storage.caFile', `cannot use ${path}: ${(cause as Error).message}`);
  }
}
