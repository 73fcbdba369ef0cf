import { safeSegment, uniqueEntryPath } from './entry-path.ts';

/** Of one source of a node. */
const usualFolders = 500;

/**
 * Names of folders for channels of one source: path-safe, no two alike, the same one for the same channel. `calls` is how
 * the bundle calls a channel, since paths of files hold names of users. Undefined for none, and beyond the bound.
 */
export function createChannelFolders(
  calls: (channel: string) => string,
  mostFolders = usualFolders,
): (channel: string) => string | undefined {
  const folders = new Map<string, string>();
  const taken = new Set<string>();
  return (channel) => {
    if (channel === '') return undefined;
    const known = folders.get(channel);
    if (known !== undefined || folders.size >= mostFolders) return known;
    const folder = uniqueEntryPath(safeSegment(calls(channel).replace(/^[\\/]+/, '')), taken);
    folders.set(channel, folder);
    return folder;
  };
}
