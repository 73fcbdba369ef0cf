import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../durable/make-folder.ts';

/** Makes `<folder>/<name>.partial/data` and returns the staging folder; replaces what an earlier try left there. */
export async function createStaging(folder: string, name: string): Promise<string> {
  const staging = join(folder, `${name}.partial`);
  await rm(staging, { recursive: true, force: true });
  makeFolder(join(staging, 'data'));
  return staging;
}

/** Removes what a killed writer left; returns the names that were removed. A finished bundle is never touched. */
export async function removeLeftovers(folder: string): Promise<string[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.partial'));
  for (const name of names) await rm(join(folder, name), { recursive: true, force: true });
  return names;
}
