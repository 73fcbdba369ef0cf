import type { CoverageSource } from '../../bundle/coverage.ts';
import type { BundleEstimateSource, BundleItemProgress, BundleRecords } from '../api/shapes/bundles.ts';
import type { NodeGather } from './node-gather.ts';
import { isStored } from './overall-progress.ts';
import { createSourceClock } from './source-clock.ts';

/** The sources of a bundle while it is made: what nodes tell of theirs, and what the collector writes itself. */
export interface LiveItems {
  /** Of a source that the collector writes; `running` while it does, with how many records there are by now. */
  wrote(source: CoverageSource, running?: 'running', records?: BundleRecords): void;
  /** How large sources will be, as far as their nodes do not say it better. */
  foresee(sources: readonly BundleEstimateSource[]): void;
  items(): BundleItemProgress[];
  /** Bytes of sources that were foreseen and that nothing is told of yet; undefined when nothing of what is stored was. */
  unbegunBytes(): number[] | undefined;
  /** What coverage says in the end, with what only progress has. */
  finished(sources: readonly CoverageSource[]): BundleItemProgress[];
}

/** What coverage does not have. */
type Figures = Pick<BundleItemProgress, 'records' | 'elapsedMs' | 'expected'>;

const keyOf = ({ node, source }: { node: string; source: string }): string => `${node}\0${source}`;
const shown = ({ masked: _, ...item }: CoverageSource) => item;

export function createLiveItems(capabilities: {
  gathers: () => readonly NodeGather[];
  nowMs: () => number;
}): LiveItems {
  const clock = createSourceClock(capabilities.nowMs);
  const own = new Map<string, Omit<BundleItemProgress, 'elapsedMs' | 'expected'>>();
  const foreseen = new Map<string, NonNullable<Figures['expected']>>();
  let storedForeseen = false;

  const items = (): BundleItemProgress[] => [
    ...capabilities
      .gathers()
      .flatMap((gather) =>
        gather.items().map((item) => ({ ...item, expected: item.expected ?? foreseen.get(keyOf(item)) ?? null })),
      ),
    ...[...own].map(([key, item]) => ({
      ...item,
      elapsedMs: clock.elapsedMs(key),
      expected: foreseen.get(key) ?? null,
    })),
  ];
  return {
    wrote: (source, running, records) => {
      const key = keyOf(source);
      if (running) clock.runs(key);
      else clock.ended(key);
      const counted = records ?? own.get(key)?.records ?? null;
      own.set(key, { ...shown(source), state: running ?? source.state, records: counted });
    },
    foresee: (sources) => {
      // What could not be looked at tells nothing of how much there is.
      const known = sources.filter(({ state }) => state === 'ok' || state === 'partial' || state === 'absent');
      for (const { node, source, bytes, basis } of known) foreseen.set(keyOf({ node, source }), { bytes, basis });
      storedForeseen = sources.every((source) => !isStored(source) || known.includes(source));
    },
    items,
    unbegunBytes: () => {
      if (!storedForeseen) return undefined;
      const told = new Set(items().map(keyOf));
      return [...foreseen].flatMap(([key, { bytes }]) => (told.has(key) ? [] : [bytes]));
    },
    finished: (sources) => {
      const figures = new Map(items().map((item) => [keyOf(item), item]));
      return sources.map((source) => {
        const { records = null, elapsedMs = null, expected = null } = figures.get(keyOf(source)) ?? {};
        return { ...shown(source), records, elapsedMs, expected };
      });
    },
  };
}
