import {
  type BundleItemProgress,
  type BundleJobProgress,
  recordWords,
} from '../../../../collector/api/shapes/bundles.ts';
import { sayDuration } from '../time/duration.ts';
import { formatBytes, formatCount } from '../value/unit.ts';

/** `3 MiB`; of what has not ended with how much there is to come: `3 MiB of about 8 MiB`, `about 8 MiB`. */
export function saySize({ state, bytes, expected }: BundleItemProgress): string {
  const isOpen = state === 'waiting' || state === 'running';
  const about = isOpen && expected && expected.bytes > bytes ? `about ${formatBytes(expected.bytes)}` : '';
  if (bytes === 0) return about || '–';
  return about ? `${formatBytes(bytes)} of ${about}` : formatBytes(bytes);
}

export const sayRecords = ({ records }: BundleItemProgress): string =>
  records ? `${formatCount(records.count)} ${records.count === 1 ? recordWords[records.of] : records.of}` : '–';

/** Most items take less than a second. */
export function sayTime({ elapsedMs }: BundleItemProgress): string {
  if (elapsedMs === null) return '–';
  return elapsedMs < 1000 ? '< 1 s' : sayDuration(elapsedMs);
}

/** `18 MiB of about 40 MiB and 2 items of unknown size · about 20 s to go` */
export function sayProgress({ bytes, expectedBytes, unknownSources, remainingMs }: BundleJobProgress): string {
  const about = expectedBytes === null ? '' : ` of about ${formatBytes(expectedBytes)}`;
  const unknown = unknownSources === 0 ? '' : ` and ${unknownSources} of unknown size`;
  const left = remainingMs === null ? '' : ` · about ${sayDuration(Math.max(1000, remainingMs))} to go`;
  return `${formatBytes(bytes)}${about}${unknown}${left}`;
}
