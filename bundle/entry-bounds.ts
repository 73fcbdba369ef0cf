import { isReservedName } from './entry-path.ts';

/** What the directory of a volume says of an entry; hostile input. */
export interface ClaimedEntry {
  path: string;
  bytes: number;
  compressedBytes: number;
}

export interface EntryLimits {
  /** Inflated bytes of a whole bundle. */
  maxTotalBytes: number;
  /** Entries of a whole bundle. */
  maxTotalEntries: number;
}

const defaultLimits: EntryLimits = { maxTotalBytes: 512 * 2 ** 30, maxTotalEntries: 1_000_000 };

/** An entry beyond 2 GiB would trip tools that keep sizes in signed 32 bits; the writer makes none. */
const maxEntryBytes = 2 ** 31;
/** Deflate level 1, which bundles are written with, packs zeros 229:1; deflate's own limit is 1032:1. */
const maxRatio = 300;
/** Smaller entries are no bombs, whatever their ratio. */
const ratioFromBytes = 2 ** 20;
/** Local header and directory of an entry, names aside. */
const overheadBytes = 76;
const segmentPattern = /^[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,127}$/;

/** Why a path inside a volume is refused: only what the writer could have made is taken. Undefined when it is fine. */
export function pathFault(path: string): string | undefined {
  if (path.length > 255) return 'has a path that is too long';
  if (path.includes('\\')) return 'has a backslash in its path';
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'has an absolute path';
  const segments = path.split('/');
  if (segments.includes('..')) return 'leaves the folder by ".."';
  for (const segment of segments) {
    if (isReservedName(segment)) return 'is named like a device of Windows';
    if (!segmentPattern.test(segment) || segment.endsWith('.')) return 'has a name that no bundle has';
  }
  return undefined;
}

/** Counts what the volumes of one bundle claim, and refuses what cannot be honest, before anything is inflated. */
export interface EntryBounds {
  /** Throws when the volume claims more entries than one has. `bytes` is its size on disk. */
  volume(base: string, bytes: number, entries: number): void;
  /** Throws when the entry is refused, with the reason. */
  entry(claimed: ClaimedEntry): void;
  /** Inflated bytes of everything so far. */
  readonly totalBytes: number;
}

const refusalOf =
  (path: string) =>
  (why: string): Error =>
    new Error(`entry ${JSON.stringify(path)} ${why}`);

/** One for a bundle: paths may come once in all volumes of a node, and sizes are counted over all. */
export function createEntryBounds(limits: Partial<EntryLimits> = {}): EntryBounds {
  const { maxTotalBytes, maxTotalEntries } = { ...defaultLimits, ...limits };
  const maxVolumeEntries = 65_534;
  /** Base of the volumes → paths in lower case, as Windows unpacks; a folder's path ends with a slash. */
  const taken = new Map<string, Set<string>>();
  let own = new Set<string>();
  let totalBytes = 0;
  let totalEntries = 0;
  let unclaimedBytes = 0;

  function claimPath(path: string): void {
    const lower = path.toLowerCase();
    const refused = refusalOf(path);
    if (own.has(lower)) throw refused('is there twice');
    if (own.has(`${lower}/`)) throw refused('is a file and a folder');
    for (let at = lower.indexOf('/'); at !== -1; at = lower.indexOf('/', at + 1)) {
      if (own.has(lower.slice(0, at))) throw refused('lies below a file');
      own.add(lower.slice(0, at + 1));
    }
    own.add(lower);
  }

  return {
    volume(base, bytes, entries) {
      if (entries > maxVolumeEntries) throw new Error(`${entries} entries, more than any volume has`);
      own = taken.get(base.toLowerCase()) ?? new Set();
      taken.set(base.toLowerCase(), own);
      unclaimedBytes = bytes;
    },
    entry(claimed) {
      const refused = refusalOf(claimed.path);
      const fault = pathFault(claimed.path);
      if (fault) throw refused(fault);
      if (claimed.bytes > maxEntryBytes) throw refused('is larger than any entry of a bundle');
      if (claimed.bytes > ratioFromBytes && claimed.bytes > claimed.compressedBytes * maxRatio) {
        throw refused(
          `would inflate ${Math.round(claimed.bytes / Math.max(1, claimed.compressedBytes))}:1, like a bomb`,
        );
      }
      // Entries that share their bytes claim more than the volume holds.
      unclaimedBytes -= claimed.compressedBytes + overheadBytes + 2 * claimed.path.length;
      if (unclaimedBytes < 0) throw refused('overlaps with others: they claim more bytes than the volume has');
      totalBytes += claimed.bytes;
      if (totalBytes > maxTotalBytes) throw refused(`would bring the bundle above ${maxTotalBytes} bytes`);
      if (++totalEntries > maxTotalEntries)
        throw refused(`is one more than the ${maxTotalEntries} that a bundle may have`);
      claimPath(claimed.path);
    },
    get totalBytes() {
      return totalBytes;
    },
  };
}
