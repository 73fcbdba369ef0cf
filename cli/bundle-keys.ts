import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type AgeIdentity, parseIdentityFile } from '../bundle/age/key.ts';
import { type MinisignPublicKey, parsePublicKey } from '../bundle/minisign-key.ts';
import { SextantError } from '../errors/sextant-error.ts';
import type { BundleKeyOptions } from './bundle-reading-commands.ts';
import { unreadable } from './named-path.ts';

/** Keys of sites and identities of the reader; each absent when none was named. */
export interface BundleKeys {
  keys?: MinisignPublicKey[];
  identities?: AgeIdentity[];
}

/** Reads both from their files. Throws SX_NO_SUCH_PATH, SX_BAD_REQUEST. */
export async function readBundleKeys(options: BundleKeyOptions): Promise<BundleKeys> {
  const keys = await Promise.all((await keyFiles(options.key)).map(async (path) => parsePublicKey(await read(path))));
  const identities = await Promise.all(
    options.identity.map(async (path) => named(path, parseIdentityFile)(await read(path))),
  );
  return {
    ...(options.key.length > 0 && { keys }),
    ...(options.identity.length > 0 && { identities: identities.flat() }),
  };
}

/** A folder stands for every `.pub` file in it: the sites that a support desk knows. */
async function keyFiles(paths: string[]): Promise<string[]> {
  const files: string[] = [];
  for (const path of paths) {
    if (!(await stat(path).catch(() => undefined))?.isDirectory()) files.push(path);
    else files.push(...(await readdir(path)).filter((name) => name.endsWith('.pub')).map((name) => join(path, name)));
  }
  if (paths.length > 0 && files.length === 0) {
    throw new SextantError('SX_BAD_REQUEST', `--key: there is no .pub file in ${paths.join(', ')}`, {
      nextStep: 'name the file of the key, or the folder that such files lie in',
    });
  }
  return files;
}

const read = (path: string): Promise<string> =>
  readFile(path, 'utf8').catch((cause) => {
    throw unreadable(path, cause);
  });

function named<T>(path: string, parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text);
    } catch (cause) {
      throw new SextantError('SX_BAD_REQUEST', `${path}: ${(cause as Error).message}`, {
        cause,
        nextStep: 'give a file as `sextant keys create` or age-keygen writes it',
      });
    }
  };
}
