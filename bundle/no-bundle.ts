import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Any of them shows that a folder is meant to be a bundle. */
const marks = ['tagmanifest-sha512.txt', 'manifest-sha512.txt', 'coverage.json', 'bagit.txt', 'data'];
/** What `sextant bundle import` makes. */
const caseMark = 'case.db';
const shown = 3;

const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);
const isMarked = (names: readonly string[]): boolean => marks.some((mark) => names.includes(mark));

/**
 * For a folder that has nothing of a bundle in it, what to name instead; undefined for one that has, however broken it is:
 * that a wrong folder was named says nothing of any bundle.
 */
export async function noBundle(folder: string): Promise<{ message: string; nextStep: string } | undefined> {
  const names = await namesIn(folder);
  if (isMarked(names)) return undefined;
  if (names.includes(caseMark)) {
    return { message: `${folder} is a case and no bundle`, nextStep: `open it: sextant bundle open ${folder}` };
  }
  const bundles: string[] = [];
  for (const name of names.sort()) if (isMarked(await namesIn(join(folder, name)))) bundles.push(join(folder, name));
  const [one] = bundles;
  const more = bundles.length > shown ? ` and ${bundles.length - shown} more` : '';
  return {
    message: `${folder} is no bundle: it has neither a manifest nor coverage.json`,
    nextStep:
      one === undefined
        ? 'name the folder that coverage.json lies in; unpack it first if the bundle came as one file'
        : bundles.length === 1
          ? `there is one in it: ${one}`
          : `name one of those that are in it: ${bundles.slice(0, shown).join(', ')}${more}`,
  };
}
