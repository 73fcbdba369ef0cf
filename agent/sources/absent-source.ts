import type { Source } from './source.ts';

/** Stands for a source that this platform does not have. */
export function createAbsentSource(name: string, detail: string): Source {
  return {
    name,
    async start() {},
    async close() {},
    health: () => ({ name, state: 'absent', records: 0, dropped: 0, detail }),
  };
}
