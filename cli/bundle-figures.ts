import { formatBytes, formatDuration } from '../bundle/report-format.ts';
import { type BundleItemProgress, type BundleJobProgress, recordWords } from '../collector/api/shapes/bundles.ts';

/** `1 file`, `1204 entries`; empty where nothing is counted. Collectors of before do not tell it. */
export const recordsText = ({ records }: Partial<Pick<BundleItemProgress, 'records'>>): string =>
  records ? `${records.count} ${records.count === 1 ? recordWords[records.of] : records.of}` : '';

/** `12 s`; empty for what has not begun. */
export const elapsedText = ({ elapsedMs }: Partial<Pick<BundleItemProgress, 'elapsedMs'>>): string =>
  typeof elapsedMs === 'number' ? formatDuration(elapsedMs) : '';

/** How much there is of one source, what of and for how long: `3 MiB, 12 files, 2 s`. */
export const sourceText = (item: BundleItemProgress): string =>
  [formatBytes(item.bytes), recordsText(item), elapsedText(item)].filter((part) => part !== '').join(', ');

/** The same of one that is under way: `3 MiB of about 8 MiB, 12 s`. */
export const runningText = (item: BundleItemProgress): string => {
  const { expected = null } = item;
  const about = expected && expected.bytes > item.bytes ? ` of about ${formatBytes(expected.bytes)}` : '';
  return [`${formatBytes(item.bytes)}${about}`, elapsedText(item)].filter((part) => part !== '').join(', ');
};

/** `18 MiB of about 40 MiB and 2 sources of unknown size, 12 s, about 20 s to go`. */
export function overallText({
  bytes,
  expectedBytes,
  unknownSources,
  elapsedMs,
  remainingMs,
}: BundleJobProgress): string {
  const unknown = `${unknownSources} source${unknownSources === 1 ? '' : 's'} of unknown size`;
  const about = [
    ...(expectedBytes === null ? [] : [`of about ${formatBytes(expectedBytes)}`]),
    ...(unknownSources === 0 ? [] : [`and ${unknown}`]),
  ];
  return [
    [formatBytes(bytes), ...about].join(' '),
    formatDuration(elapsedMs),
    ...(remainingMs === null ? [] : [`about ${formatDuration(Math.max(1000, remainingMs))} to go`]),
  ].join(', ');
}
