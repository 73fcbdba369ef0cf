import { fairShare } from './fair-share.ts';

/** What the sources of a bundle are, for limits of size: those of nodes, and what the collector has stored. */
export const nodeCapClasses = ['files', 'commands', 'journal'] as const;
export type NodeCapClass = (typeof nodeCapClasses)[number];
export const capClasses = [...nodeCapClasses, 'logs', 'metrics'] as const;
export type CapClass = (typeof capClasses)[number];

/** Limits of a bundle's content before compression, in bytes; what is not named is not limited. */
export interface BundleCaps {
  total?: number;
  perClass: Partial<Record<CapClass, number>>;
}

/** The most that one source of a class may bring; a class that is not named is not limited. */
export type SourceMaxBytes = Partial<Record<CapClass, number>>;

/**
 * Shares the limits among the sources as they are expected to be: whoever wants less than its share gets all of it, so
 * that one that writes much takes nothing from those that write little. What has no class is always there.
 */
export function sourceLimits(
  caps: BundleCaps,
  sources: readonly { kind: CapClass | undefined; bytes: number }[],
): SourceMaxBytes {
  const limits: SourceMaxBytes = {};
  for (const kind of capClasses) {
    const cap = caps.perClass[kind];
    if (cap === undefined) continue;
    const wants = sources.filter((source) => source.kind === kind).map((source) => source.bytes);
    const share = wants.length === 0 ? cap : fairShare(wants, cap);
    // All of them fit as they are expected: one that turns out larger may take the class, and no more.
    limits[kind] = Math.min(share, cap);
  }
  if (caps.total === undefined) return limits;
  const always = sources.reduce((sum, { kind, bytes }) => sum + (kind === undefined ? bytes : 0), 0);
  const wants = sources.flatMap(({ kind, bytes }) =>
    kind === undefined ? [] : [Math.min(bytes, limits[kind] ?? Number.POSITIVE_INFINITY)],
  );
  const room = Math.max(0, caps.total - always);
  const share = wants.length === 0 ? room : Math.min(room, fairShare(wants, room));
  for (const kind of capClasses) limits[kind] = Math.min(limits[kind] ?? Number.POSITIVE_INFINITY, share);
  return limits;
}
