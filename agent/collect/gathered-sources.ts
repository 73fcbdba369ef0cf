import type { CoverageSource, CoverageState } from '../../bundle/coverage.ts';
import type { GatherProgress } from '../../protocol/control.ts';

const iso = (unixMs: number | undefined): string | null =>
  unixMs === undefined ? null : new Date(unixMs).toISOString();

/** Follows a gather job of this node: what coverage says of each item. */
export function gatheredSources(
  node: string,
  onSource: (source: CoverageSource) => void,
): { onProgress(progress: GatherProgress): void; sources(): CoverageSource[] } {
  const items = new Map<string, CoverageSource>();
  return {
    onProgress({ source, state, bytes, firstUnixMs, lastUnixMs, reason, masked }) {
      if (state === 'waiting' || state === 'running') return;
      const item: CoverageSource = {
        ...{ node, source, bytes, state: state satisfies CoverageState },
        first: iso(firstUnixMs),
        last: iso(lastUnixMs),
        reason: reason ?? null,
        masked: masked ?? {},
      };
      items.set(source, item);
      onSource(item);
    },
    sources: () => [...items.values()],
  };
}
