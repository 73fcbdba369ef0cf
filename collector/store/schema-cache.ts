import { readdirSync, readFileSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { journalSchema } from './journal-insert.ts';

/**
 * Removes what is not whole of the schema texts that the engine keeps in a folder, and says whether there was any. A
 * full disk or a kill leaves a text cut, or empty; the engine takes a file that is there as it is, refuses every journal
 * file from then on, and after a restart too (chDB 3.4).
 */
export function removeCutSchemas(folder: string): boolean {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith('.proto'));
  } catch {
    return false;
  }
  const cut = names
    .map((name) => join(folder, name))
    .filter((path) => !readFileSync(path, 'utf8').startsWith(journalSchema()));
  for (const path of cut) unlinkSync(path);
  return cut.length > 0;
}
