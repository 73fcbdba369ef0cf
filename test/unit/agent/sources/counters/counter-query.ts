import type { Counter, CounterQuery, FormattedValue, RawValue } from '../../../../../agent/windows/pdh.ts';

/** Counters as a recording tells them, in the place of pdh.dll: what is not in it does not exist. */
export function createRecordedQuery(recording: Record<string, { raw?: RawValue[]; formatted?: FormattedValue[] }>) {
  const paths: string[] = [];
  const added: string[] = [];
  const at = (counter: Counter) => recording[paths[Number(counter) - 1] ?? ''];
  const query: CounterQuery = {
    add(path) {
      added.push(path);
      if (!(path in recording)) return { counter: undefined, reason: 'there is no such counter' };
      return { counter: BigInt(paths.push(path)) };
    },
    collect: async () => true,
    raw: (counter) => at(counter)?.raw ?? [],
    formatted: (counter) => at(counter)?.formatted ?? [],
    ticksPerSecond: () => 1e7,
    close: () => undefined,
  };
  return { query, added, recording };
}
