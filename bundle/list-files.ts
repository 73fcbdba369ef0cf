import { opendir } from 'node:fs/promises';
import { join } from 'node:path';

interface FolderFault {
  part: string;
  detail: string;
}

/** Every path below the folder; links and special files are faults, not followed. Bounded in depth and number. */
export async function listFiles(folder: string): Promise<{ files: Set<string>; faults: FolderFault[] }> {
  const files = new Set<string>();
  const faults: FolderFault[] = [];
  const walk = async (relative: string, depth: number): Promise<void> => {
    for await (const entry of await opendir(join(folder, relative))) {
      const path = relative === '' ? entry.name : `${relative}/${entry.name}`;
      if (entry.isDirectory() && depth < 6) await walk(path, depth + 1);
      else if (entry.isFile()) files.add(path);
      else faults.push({ part: path, detail: 'neither a file nor a folder of a bundle (a link?)' });
      if (files.size + faults.length > 200_000) throw new Error('more than 200000 files');
    }
  };
  await walk('', 0);
  return { files, faults };
}
