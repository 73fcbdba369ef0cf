import type { SourceHealth } from '../../protocol/control.ts';
import type { Source } from './source.ts';

/** One source made of several: absent when all are, failing when one is. */
export function combineSources(name: string, parts: readonly Source[]): Source {
  return {
    name,
    async start() {
      for (const part of parts) await part.start();
    },
    async close() {
      await Promise.all(parts.map((part) => part.close()));
    },
    health() {
      const all = parts.map((part) => part.health());
      const present = all.filter(({ state }) => state !== 'absent');
      const told = present.length > 0 ? present : all;
      const details = [...new Set(told.flatMap(({ detail }) => (detail === undefined ? [] : [detail])))];
      const times = all.flatMap(({ lastRecordUnixMs }) => (lastRecordUnixMs === undefined ? [] : [lastRecordUnixMs]));
      return {
        name,
        state: stateOf(told),
        records: all.reduce((sum, { records }) => sum + records, 0),
        dropped: all.reduce((sum, { dropped }) => sum + dropped, 0),
        ...(times.length > 0 ? { lastRecordUnixMs: Math.max(...times) } : {}),
        ...(details.length > 0 ? { detail: details.join('; ').slice(0, 1024) } : {}),
      };
    },
  };
}

const worstFirst: SourceHealth['state'][] = ['failing', 'running', 'starting', 'absent'];

const stateOf = (parts: readonly SourceHealth[]): SourceHealth['state'] =>
  worstFirst.find((state) => parts.some((part) => part.state === state)) ?? 'absent';
