import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SecureContextOptions } from 'node:tls';
import { readTextFile } from '../../config/text-file.ts';
import { syncFolder, writeFileAtomic } from '../../durable/atomic-write.ts';
import { SextantError } from '../../errors/sextant-error.ts';

/** Who this node is to its collector, as `enroll` left it. */
export interface Identity {
  node: string;
  /** `https://host:port`. */
  collectorUrl: string;
  /** PEM. */
  key: string;
  certificate: string;
  ca: string;
  /** Public key, minisign, that this node believes about pushed profiles; absent before it has been told one. */
  profileKey?: string;
}

export type IdentityName = Pick<Identity, 'node' | 'collectorUrl' | 'profileKey'>;

/** Of a file that holds a name or a public key. */
const maxBytes = 64 * 1024;
const profileKeyFile = 'profiles.pub';

export const identityFolder = (dataDir: string): string => join(dataDir, 'agent', 'identity');

export const isEnrolled = (dataDir: string): boolean => existsSync(join(presentFolder(dataDir), 'agent.json'));

/** A crash between the two renames of a replacement leaves only the old folder. */
function presentFolder(dataDir: string): string {
  const folder = identityFolder(dataDir);
  return !existsSync(folder) && existsSync(`${folder}.old`) ? `${folder}.old` : folder;
}

/** Reads the identity. Throws SX_CLIENT_CERTIFICATE when this node has not been enrolled, SX_DATA_FOLDER when it cannot be read. */
export const loadIdentity = (dataDir: string): Identity =>
  reading(dataDir, (folder) => ({
    ...readName(folder),
    key: readFileSync(join(folder, 'node.key'), 'utf8'),
    certificate: readFileSync(join(folder, 'node.crt'), 'utf8'),
    ca: readFileSync(join(folder, 'ca.crt'), 'utf8'),
  }));

/** The same without what only a connection to the collector needs. */
export const loadIdentityName = (dataDir: string): IdentityName => reading(dataDir, readName);

function readName(folder: string): IdentityName {
  const { node, collector }: Record<string, unknown> = JSON.parse(readTextFile(join(folder, 'agent.json'), maxBytes));
  if (typeof node !== 'string' || node === '' || typeof collector !== 'string') {
    throw new Error('agent.json does not say which node this is, and of which collector');
  }
  return { node, collectorUrl: collector, ...readProfileKey(folder) };
}

function reading<Read>(dataDir: string, read: (folder: string) => Read): Read {
  const folder = presentFolder(dataDir);
  try {
    return read(folder);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code !== undefined && code !== 'ENOENT' && code !== 'ENOTDIR') {
      throw new SextantError('SX_DATA_FOLDER', `cannot read this node's identity: ${message}`, {
        cause,
        nextStep: "run it as the agent's own user, or as administrator or root",
      });
    }
    if (code === undefined) {
      throw new SextantError('SX_CLIENT_CERTIFICATE', `this node's identity in ${folder} is damaged: ${message}`, {
        cause,
        nextStep: 'enrol this node once more: `sextant agent enroll --force` with a token from `sextant token create`',
      });
    }
    throw new SextantError('SX_CLIENT_CERTIFICATE', `this node has no identity in ${folder}`, { cause });
  }
}

/**
 * Looks whether an identity could be written now, to be asked before a token is spent on one: a token is good once.
 * Throws SX_DATA_FOLDER.
 */
export function checkIdentityFolder(dataDir: string): void {
  const trial = `${identityFolder(dataDir)}.${randomUUID()}.partial`;
  try {
    mkdirSync(trial, { recursive: true, mode: 0o700 });
    // More than keys and certificates take together.
    writeFileAtomic(join(trial, 'trial'), Buffer.alloc(32 * 1024));
  } catch (cause) {
    throw new SextantError('SX_DATA_FOLDER', `cannot write an identity: ${(cause as Error).message}`, {
      cause,
      nextStep: 'make the data folder writable and free some space, or choose another with --data-dir',
    });
  } finally {
    rmSync(trial, { recursive: true, force: true });
  }
}

function readProfileKey(folder: string): { profileKey?: string } {
  const path = join(folder, profileKeyFile);
  return existsSync(path) ? { profileKey: readTextFile(path, maxBytes).trim() } : {};
}

/** Remembers the key of pushed profiles beside the rest of the identity; on disk at return. */
export function pinProfileKey(dataDir: string, publicKey: string): void {
  writeFileAtomic(join(presentFolder(dataDir), profileKeyFile), `${publicKey}\n`);
}

/**
 * Puts an identity in place, replacing one that is there. Files are private (0600 in 0700) and on disk at return.
 * Key and certificate change with one rename, so that a crash never leaves a pair that does not fit.
 */
export function writeIdentity(dataDir: string, identity: Identity): void {
  const folder = identityFolder(dataDir);
  const partial = `${folder}.${randomUUID()}.partial`;
  const old = `${folder}.old`;
  mkdirSync(partial, { recursive: true, mode: 0o700 });
  const files = {
    'node.key': identity.key,
    'node.crt': identity.certificate,
    'ca.crt': identity.ca,
    'agent.json': `${JSON.stringify({ node: identity.node, collector: identity.collectorUrl })}\n`,
    ...(identity.profileKey !== undefined && { [profileKeyFile]: `${identity.profileKey}\n` }),
  };
  for (const [name, content] of Object.entries(files)) writeFileAtomic(join(partial, name), content);
  if (existsSync(folder)) {
    rmSync(old, { recursive: true, force: true });
    renameSync(folder, old);
  }
  renameSync(partial, folder);
  syncFolder(dirname(folder));
  rmSync(old, { recursive: true, force: true });
}

/** TLS towards the collector: its CA and no other, its name in the certificate, our certificate, TLS 1.3. */
export const tlsOptions = (identity: Identity): SecureContextOptions & { rejectUnauthorized: true } => ({
  ca: identity.ca,
  cert: identity.certificate,
  key: identity.key,
  minVersion: 'TLSv1.3',
  rejectUnauthorized: true,
});
