import type { NodeCapClass } from '../../bundle/caps.ts';
import type { FileQuestions } from '../filesystems/file-questions.ts';
import type { RemoteMounts } from '../filesystems/remote-mounts.ts';
import type { BundleItem } from '../profile/bundle.ts';
import { findFiles, sizeOf } from './find-files.ts';
import { defaultRawBytes } from './gather-raw.ts';
import { usualStatusBytes } from './gather-status.ts';
import { isRaw } from './item-class.ts';
import type { ExpectedSize, ItemProgress } from './item-progress.ts';
import type { KnownSizes } from './known-sizes.ts';
import type { PlannedItem } from './planned-items.ts';

type MaxBytesOf = (kind: NodeCapClass) => number;

/**
 * What an item will bring as far as this is known without looking, as an estimate has it: what its command printed last time
 * on this node, or what its profile says. Undefined where nobody knows; nothing is guessed of a command that never ran.
 */
export function knownSize(
  { source, item }: PlannedItem,
  { sizes, maxBytesOf }: { sizes: KnownSizes | undefined; maxBytesOf: MaxBytesOf },
): ExpectedSize | undefined {
  if (item.status) return { bytes: usualStatusBytes, basis: 'guess' };
  const ran = item.command ?? item.registry;
  if (!ran) return undefined;
  const most = Math.min(item.maxBytes ?? Number.POSITIVE_INFINITY, maxBytesOf(item.command ? 'commands' : 'files'));
  const known = sizes?.get(source, ran);
  if (known) return { bytes: Math.min(known.bytes, most), basis: 'last-run' };
  return item.expect === undefined ? undefined : { bytes: Math.min(item.expect, most), basis: 'declared' };
}

/**
 * Tells of items that wait how much their files are, while those before them are gathered: by the sizes that the filesystem
 * has, nothing is read. What lies on a mount that may never answer is left for its turn. Never rejects.
 */
export async function foreseeFiles(
  items: Iterable<PlannedItem & { progress: ItemProgress }>,
  context: {
    fromUnixMs: number;
    maxBytesOf: MaxBytesOf;
    questions: FileQuestions;
    signal: AbortSignal;
  },
): Promise<void> {
  const { fromUnixMs, questions, signal, maxBytesOf } = context;
  for (const { item, progress } of items) {
    if (signal.aborted) return;
    if (!item.files || item.eventLogs || !progress.waits || mayHang(item, questions.mounts)) continue;
    try {
      const limit = isRaw(item) ? Math.min(item.maxBytes ?? defaultRawBytes, maxBytesOf('files')) : maxBytesOf('files');
      const found = await findFiles(item, { fromUnixMs, maxBytes: limit, questions, signal });
      const bytes = sizeOf(found);
      if (bytes === undefined || !progress.waits) continue;
      progress.onExpected({ bytes: Math.min(bytes, limit), basis: 'measured' });
    } catch {
      // Its turn will say what is wrong with it.
    }
  }
}

const mayHang = ({ files = [] }: BundleItem, mounts: RemoteMounts): boolean =>
  files.some((pattern) => {
    const named = pattern.split(/[*?[\]{}]/, 1)[0] ?? '';
    const folder = named === pattern ? pattern : named.replace(/[\\/][^\\/]*$/, '') || '/';
    return mounts.of(folder) !== undefined || (named !== pattern && mounts.below(folder).length > 0);
  });
