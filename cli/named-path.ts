import { lstatSync, readFileSync, type Stats, statSync } from 'node:fs';
import { access, constants, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { SextantError } from '../errors/sextant-error.ts';

/** Says of a path that a person named why it cannot be read: SX_NO_SUCH_PATH or SX_BAD_REQUEST. `option` is what it was given with. */
export function unreadable(path: string, cause: unknown, option?: string): SextantError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const where = option === undefined ? '' : `${option}: `;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new SextantError('SX_NO_SUCH_PATH', `${where}there is no ${path}`, {
      cause,
      nextStep: `correct the path (${firstMissing(resolve(path))}), or mount the medium that it lies on`,
    });
  }
  return new SextantError('SX_BAD_REQUEST', `${where}cannot read ${path}: ${message}`, {
    cause,
    nextStep: 'name one that this user may read',
  });
}

/** Text of a file that a person named with `option`. Throws as `unreadable` says. */
export function readNamedFile(path: string, option: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw unreadable(path, cause, option);
  }
}

/** Where the path leaves what there is: of a long one a person sees the wrong letter at once. */
function firstMissing(path: string): string {
  const parent = dirname(path);
  if (parent === path) return `${path} is not there`;
  if (look(lstatSync, path)?.isSymbolicLink()) return `${path} is a link to something that is not there`;
  const above = look(statSync, parent);
  if (!above) return firstMissing(parent);
  return above.isDirectory() ? `nothing in ${parent} is named ${basename(path)}` : `${parent} is no folder`;
}

function look(ask: (path: string) => Stats, path: string): Stats | undefined {
  try {
    return ask(path);
  } catch {
    return undefined;
  }
}

/**
 * Looks at the folders of bundles that a person named before anything is made or verified: that a path is wrong says nothing of
 * a bundle. Throws SX_NO_SUCH_PATH, SX_BAD_REQUEST.
 */
export async function checkBundleFolders(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    const found = await stat(folder).catch((cause) => {
      throw unreadable(folder, cause);
    });
    if (!found.isDirectory()) {
      throw new SextantError('SX_BAD_REQUEST', `${folder} is a file, and a bundle is a folder`, {
        nextStep: 'name the folder that coverage.json lies in; unpack it first if the bundle came as one file',
      });
    }
    await access(folder, constants.R_OK | constants.X_OK).catch((cause) => {
      throw unreadable(folder, cause);
    });
  }
}
