import { classesNote } from '../../bundle/asked-classes.ts';
import { noRawNote, rawNote } from '../../bundle/raw-volume.ts';
import { isLimited, limitsNote } from './bundle-limits.ts';
import type { BundleRecord } from './bundle-record.ts';

/** How a bundle came about, for coverage, README.txt and index.html: what was asked for in another way than usual. */
export function bundleNotes(
  { raw, caps, classes }: Pick<BundleRecord, 'raw' | 'caps' | 'classes'>,
  { hasRaw, before = [] }: { hasRaw: boolean; before?: readonly string[] | undefined },
): string[] {
  return [
    ...before,
    ...(raw ? [hasRaw ? rawNote : noRawNote] : []),
    ...(isLimited(caps) ? [limitsNote(caps)] : []),
    classesNote(classes) ?? [],
  ].flat();
}
