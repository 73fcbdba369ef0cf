import { constants } from 'node:fs';
import { chmod, chown, lchown, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTrusted } from '../../../agent/open-trusted.ts';
import { identify } from '../../../agent/sources/files/identity.ts';

/** Somebody who is neither root nor us. */
const stranger = 65_534;
const asRoot = test.runIf(process.getuid?.() === 0);

let root: string;
let secret: string;
let logs: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sextant-links-'));
  secret = join(root, 'secret');
  logs = join(root, 'logs');
  await mkdir(logs);
  await writeFile(secret, 'root only\n', { mode: 0o600 });
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function read(path: string): Promise<string> {
  const file = await openTrusted(path, constants.O_RDONLY);
  try {
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

test('opens a plain file, and what our own links lead to, in whatever part of the path', async () => {
  await symlink('../secret', join(logs, 'a.log'));
  await symlink(logs, join(root, 'also'));
  await symlink('./also/../also/./a.log', join(root, 'far.log'));
  expect(await read(secret)).toBe('root only\n');
  expect(await read(join(root, 'also', 'a.log'))).toBe('root only\n');
  expect(await read(join(root, 'far.log'))).toBe('root only\n');
});

test('says what open says when there is nothing', async () => {
  await symlink('nowhere', join(logs, 'a.log'));
  await expect(read(join(logs, 'a.log'))).rejects.toMatchObject({ code: 'ENOENT' });
});

asRoot('does not follow somebody’s link to a file that is not his, in whatever part of the path', async () => {
  await symlink(secret, join(logs, 'a.log'));
  await symlink(root, join(logs, 'folder'));
  await symlink(join(logs, 'a.log'), join(root, 'ours.log'));
  for (const link of ['a.log', 'folder']) await lchown(join(logs, link), stranger, stranger);
  for (const path of [join(logs, 'a.log'), join(logs, 'folder', 'secret'), join(root, 'ours.log')]) {
    await expect(read(path), path).rejects.toMatchObject({ code: 'EACCES' });
    expect(await identify(path, String)).toBe('unreadable');
  }
});

asRoot('follows somebody’s link to a file of his own', async () => {
  await writeFile(join(logs, 'real'), 'mine\n');
  await symlink('real', join(logs, 'a.log'));
  await chown(join(logs, 'real'), stranger, stranger);
  await lchown(join(logs, 'a.log'), stranger, stranger);
  expect(await read(join(logs, 'a.log'))).toBe('mine\n');
});

asRoot('never reads the other file while a link takes the log’s place and leaves it again', async () => {
  const path = join(logs, 'a.log');
  const put = async (name: string, make: (at: string) => Promise<void>) => {
    await make(join(logs, name));
    await lchown(join(logs, name), stranger, stranger);
    await rename(join(logs, name), path);
  };
  await put('file', (at) => writeFile(at, 'harmless\n'));
  await chmod(path, 0o644);
  let ended = false;
  const swapping = (async () => {
    while (!ended) {
      await put('link', (at) => symlink(secret, at));
      await put('file', (at) => writeFile(at, 'harmless\n'));
    }
  })();
  const seen = new Set<string>();
  for (let tries = 0; tries < 2000; tries += 1) {
    seen.add(await read(path).catch((error: NodeJS.ErrnoException) => String(error.code)));
  }
  ended = true;
  await swapping;
  expect([...seen].filter((text) => !['harmless\n', '', 'EACCES', 'ENOENT'].includes(text))).toEqual([]);
  expect(seen).toContain('harmless\n');
  expect(await readFile(secret, 'utf8')).toBe('root only\n');
});
