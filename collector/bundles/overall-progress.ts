import { collectorNode } from '../../bundle/coverage.ts';
import type { BundleItemProgress, BundleJobProgress } from '../api/shapes/bundles.ts';

/** Below this the time that a source takes says nothing of how fast bytes come. */
const sizeableBytes = 256 * 1024;

const isUnfinished = ({ state }: BundleItemProgress): boolean => state === 'waiting' || state === 'running';
/** What the collector writes itself, one after the other and after all nodes. */
export const isStored = ({ node, source }: Pick<BundleItemProgress, 'node' | 'source'>): boolean =>
  node === collectorNode || source.startsWith('telemetry/');

/**
 * How far a bundle is as a whole. What is to come is told from what its sources are expected to bring; how long that takes
 * from how long what has come has taken, each node by itself. Nothing is told that no source has told: `remainingMs` is null
 * as long as a size or a speed that it depends on is unknown.
 */
export function overallProgress(
  items: readonly BundleItemProgress[],
  options: {
    isActive: boolean;
    elapsedMs: number;
    /** Of foreseen sources that are not among the items yet; undefined when nobody knows how much is stored. */
    unbegunBytes: readonly number[] | undefined;
  },
): BundleJobProgress {
  const { elapsedMs, unbegunBytes } = options;
  const bytes = sum(items.map((item) => item.bytes));
  if (!options.isActive) return { bytes, expectedBytes: null, unknownSources: 0, elapsedMs, remainingMs: null };
  const unfinished = items.filter(isUnfinished);
  const unknownSources = unfinished.filter(({ expected }) => expected === null).length + (unbegunBytes ? 0 : 1);
  const left = [...unfinished.map(leftBytes), ...(unbegunBytes ?? [])];
  const isAnyKnown = unfinished.some(({ expected }) => expected !== null) || (unbegunBytes?.length ?? 0) > 0;
  return {
    bytes,
    expectedBytes: isAnyKnown ? bytes + sum(left) : null,
    unknownSources,
    elapsedMs,
    remainingMs: left.length === 0 || unknownSources > 0 ? null : remainingMs(items, unbegunBytes ?? []),
  };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const leftBytes = ({ bytes, expected }: BundleItemProgress): number => Math.max(0, (expected?.bytes ?? 0) - bytes);

function remainingMs(items: readonly BundleItemProgress[], unbegunBytes: readonly number[]): number | null {
  const stored = items.filter(isStored);
  const ofNodes = [
    ...Map.groupBy(
      items.filter((item) => !isStored(item)),
      ({ node }) => node,
    ).values(),
  ];
  // Both read, redact and pack: until the collector has begun, it is presumed to be as fast as the nodes.
  const speed = bytesPerMs(stored) ?? bytesPerMs(ofNodes.flat());
  const nodesMs = ofNodes.map((own) => timeOf(own.filter(isUnfinished).map(leftBytes), own, bytesPerMs(own)));
  const storedMs = timeOf([...stored.filter(isUnfinished).map(leftBytes), ...unbegunBytes], stored, speed);
  if (storedMs === null || nodesMs.includes(null)) return null;
  return Math.round(Math.max(0, ...nodesMs.map(Number)) + storedMs);
}

/** How fast sources with much in them came; undefined when there was none yet. */
function bytesPerMs(items: readonly BundleItemProgress[]): number | undefined {
  const sizeable = items.filter(({ bytes, elapsedMs }) => bytes >= sizeableBytes && (elapsedMs ?? 0) > 0);
  if (sizeable.length === 0) return undefined;
  return sum(sizeable.map(({ bytes }) => bytes)) / sum(sizeable.map(({ elapsedMs }) => elapsedMs ?? 0));
}

/** For what is left of sources that come one after the other: what small ones took on average, or their bytes at that speed. */
function timeOf(left: readonly number[], own: readonly BundleItemProgress[], speed: number | undefined): number | null {
  const small = own.flatMap((item) =>
    isUnfinished(item) || item.bytes >= sizeableBytes || item.elapsedMs === null ? [] : [item.elapsedMs],
  );
  const eachMs = small.length === 0 ? 0 : sum(small) / small.length;
  let totalMs = 0;
  for (const bytes of left) {
    if (bytes >= sizeableBytes && speed === undefined) return null;
    totalMs += Math.max(eachMs, speed === undefined ? 0 : bytes / speed);
  }
  return totalMs;
}
