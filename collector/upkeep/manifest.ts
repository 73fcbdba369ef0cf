import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, open } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { writeFileAtomic } from '../../durable/atomic-write.ts';
import { SextantError } from '../../errors/sextant-error.ts';

/** As `sha512sum` writes it, so that `sha512sum -c` reads it. Written last: a backup without it is not whole. */
const manifestName = 'manifest-sha512.txt';

/** Every file below a folder, relative to it. */
export const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();

/** Copies a file and waits until it is on disk; its bytes. */
export async function copyDurably(from: string, to: string): Promise<number> {
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  await copyFile(from, to);
  const handle = await open(to, 'r+');
  try {
    await handle.sync();
    return (await handle.stat()).size;
  } finally {
    await handle.close();
  }
}

async function sha512(path: string): Promise<string> {
  const hash = createHash('sha512');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Names every file of a folder with its SHA-512; returns how many. */
export async function writeManifest(folder: string): Promise<number> {
  const files = filesBelow(folder);
  let lines = '';
  for (const file of files) lines += `${await sha512(join(folder, file))}  ${file}\n`;
  writeFileAtomic(join(folder, manifestName), lines);
  return files.length;
}

/** Throws SX_CHECKSUM when a file is missing, changed or not in the manifest. Returns the files. */
export async function verifyManifest(folder: string): Promise<string[]> {
  let text: string;
  try {
    text = readFileSync(join(folder, manifestName), 'utf8');
  } catch (cause) {
    const nextStep = 'name the folder of a backup that was finished';
    throw new SextantError('SX_CHECKSUM', `${folder} has no ${manifestName}`, { cause, nextStep });
  }
  const nextStep = 'restore another backup; this one is not what was written';
  const told = new Map(text.split('\n').flatMap((line) => (line ? [[line.slice(130), line.slice(0, 128)]] : [])));
  const found = filesBelow(folder).filter((file) => file !== manifestName);
  const strange = found.find((file) => !told.has(file));
  if (strange) throw new SextantError('SX_CHECKSUM', `${strange} is not in the manifest`, { nextStep });
  for (const [file = '', sum] of told) {
    if (!found.includes(file)) throw new SextantError('SX_CHECKSUM', `${file} is missing`, { nextStep });
    if ((await sha512(join(folder, file))) !== sum) {
      throw new SextantError('SX_CHECKSUM', `${file} was changed`, { nextStep });
    }
  }
  return found;
}
