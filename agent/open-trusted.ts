import { type FileHandle, lstat, open, readlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const maxLinks = 40;
/** A rename between two steps looks like a detour; rotation does not hit the same moment again and again. */
const maxTries = 3;

/**
 * Opens a file that was found by its name, unless somebody led us there: who may write a log folder could put a link
 * to /etc/shadow in it, and the agent may read that. A symbolic link anywhere in the path counts when it belongs to
 * root, to us, or to the owner of the file that it leads to. What was opened is compared with where the links lead, so
 * swapping one at the right moment is of no use. Only Linux tells where an open file lies; elsewhere this is `open`.
 * Rejects with what `open` rejects with, and with EACCES for somebody's link.
 */
export async function openTrusted(path: string, flags: number): Promise<FileHandle> {
  if (process.platform !== 'linux') return open(path, flags);
  for (let tries = 1; ; tries += 1) {
    const file = await open(path, flags);
    try {
      const place = await readlink(`/proc/self/fd/${file.fd}`);
      if (place === path) return file;
      const { uid } = await file.stat();
      if ((await follow(path, uid)) === place) return file;
      if (tries === maxTries) throw failure('ENOENT', `${path} leads to somewhere else each time`);
    } catch (error) {
      await file.close();
      throw error;
    }
    await file.close();
  }
}

/** Where a path leads by links that are trusted; rejects with EACCES at one that is not. */
async function follow(path: string, fileOwner: number): Promise<string> {
  const own = process.geteuid?.() ?? 0;
  const ahead = path.split('/');
  let at = '/';
  for (let links = 0; ahead.length > 0; ) {
    const name = ahead.shift() ?? '';
    if (name === '' || name === '.') continue;
    if (name === '..') {
      at = dirname(at);
      continue;
    }
    const next = join(at, name);
    const found = await lstat(next);
    if (!found.isSymbolicLink()) {
      at = next;
      continue;
    }
    if (found.uid !== 0 && found.uid !== own && found.uid !== fileOwner) {
      throw failure('EACCES', `${next} is a link of user ${found.uid} to a file of user ${fileOwner}`);
    }
    links += 1;
    if (links > maxLinks) throw failure('ELOOP', `${path} has too many links`);
    // Exchanged since we looked: it leads nowhere, and the next try sees what it is now.
    const target = await readlink(next).catch(() => undefined);
    if (target === undefined) return '';
    if (target.startsWith('/')) at = '/';
    ahead.unshift(...target.split('/'));
  }
  return at;
}

const failure = (code: string, message: string) => Object.assign(new Error(`${code}: ${message}`), { code });
