import { closeSync, existsSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseSecretKey } from '../../bundle/minisign-key.ts';
import { parseRedactionKey } from '../../bundle/redaction/key.ts';
import { readTextFile } from '../../config/text-file.ts';
import { type FolderLock, lockFolder } from '../../durable/folder-lock.ts';
import { SextantError } from '../../errors/sextant-error.ts';
import type { Damage } from './damage.ts';

/** The longest holds 50,000 names of 1,024 characters. */
const maxBytes = 256 * 1024 * 1024;
const anew = 'another one was made';

/**
 * Files of the folder that a bundle cannot be made with are moved out of the way, so that they are made anew; nothing is
 * deleted. The caller holds the folder.
 */
export function setAsideDamaged(folder: string, nowMs: number): Damage[] {
  const text = (read: (text: string) => unknown) => (path: string) => read(readTextFile(path, maxBytes));
  const files: [string, (path: string) => unknown, string][] = [
    ['keys/sextant.key', text(parseSecretKey), 'the bundle is signed with a new key, which nobody knows yet'],
    ['keys/redaction.key', text(demandRedactionKey), 'names have other pseudonyms than in earlier bundles'],
    ['names.json', text(JSON.parse), 'names of earlier bundles can be revealed no more'],
    ['unfinished.json', text(JSON.parse), 'what an interrupted run had left is not removed'],
  ];
  return files.flatMap(([name, read, instead]) => setAside(join(folder, name), read, { instead, nowMs }));
}

/**
 * Claims the folder as lockFolder does, and if it cannot, once more with a lock that is no database and a note that is no
 * file out of the way.
 */
export function lockSoundly(
  folder: string,
  holder: { role: string; nowMs: number },
): { lock: FolderLock; damage: Damage[] } {
  try {
    return { lock: lockFolder(folder, holder), damage: [] };
  } catch (error) {
    if (!(error instanceof SextantError) || error.code !== 'SX_DATA_FOLDER') throw error;
    const how = { instead: anew, nowMs: holder.nowMs };
    const damage = [
      ...setAside(join(folder, 'folder.lock'), demandDatabase, how),
      ...setAside(join(folder, 'holder.json'), demandFile, how),
    ];
    if (damage.length === 0) throw error;
    return { lock: lockFolder(folder, holder), damage };
  }
}

function setAside(
  path: string,
  read: (path: string) => unknown,
  { instead, nowMs }: { instead: string; nowMs: number },
): Damage[] {
  if (!existsSync(path)) return [];
  try {
    read(path);
    return [];
  } catch (error) {
    const aside = `${path}.damaged-${nowMs}`;
    renameSync(path, aside);
    return [{ file: path, reason: (error as Error).message, instead: `${instead}; it is now ${basename(aside)}` }];
  }
}

function demandRedactionKey(text: string): void {
  if (!parseRedactionKey(text)) throw new Error('it does not hold 32 bytes in hexadecimal');
}

function demandFile(path: string): void {
  if (!statSync(path).isFile()) throw new Error('it is no file');
}

const databaseMagic = Buffer.from('SQLite format 3\0', 'latin1');

/** An empty file is a database too. */
function demandDatabase(path: string): void {
  demandFile(path);
  const start = Buffer.alloc(databaseMagic.length);
  const file = openSync(path, 'r');
  try {
    const bytes = readSync(file, start);
    if (bytes > 0 && !start.equals(databaseMagic)) throw new Error('it is no database');
  } finally {
    closeSync(file);
  }
}
