import { textPattern } from '../config/text-pattern.ts';
/** What a bundle's folder name says: where it is from and when it was made. */
export interface BundleName {
  site: string;
  createdMs: number;
  /** 8 to 32 of `a-z0-9`, random. */
  id: string;
}

/** For schemas; `isBundleId` says the same. */
export const bundleIdPattern = textPattern('^[a-z0-9]{8,32}$', 'must be the id of a bundle: 8 to 32 of a-z and 0-9');

export const isBundleId = (text: string): boolean => new RegExp(bundleIdPattern).test(text);

const slug = (text: string): string =>
  text
    .normalize('NFKD')
    // ü is u and two dots then.
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40) || 'site';

/** `2026-11-20T10:11:12.345Z` as `20261120T101112Z`. */
const compactTime = (unixMs: number): string => new Date(unixMs).toISOString().replace(/[-:]|\.\d+/g, '');

/** The folder's name, `sx-<site>-<yyyymmddThhmmssZ>-<id>`: ASCII, and fit for FAT32 and NTFS. */
export const formatBundleName = (name: BundleName): string =>
  `sx-${slug(name.site)}-${compactTime(name.createdMs)}-${name.id}`;

/** True for a name that `formatBundleName` could have made; never a path. */
export const isBundleName = (text: string): boolean => /^sx-[a-z0-9-]{1,40}-\d{8}T\d{6}Z-[a-z0-9]{8,32}$/.test(text);
