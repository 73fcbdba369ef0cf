import { expect, test } from 'vitest';
import { createCatalogue } from '../../../../collector/prometheus/read/catalogue.ts';
import type { Queries } from '../../../../collector/query/ask.ts';

test('a catalogue is read once for all panels, and anew when the clock was set back', async () => {
  let reads = 0;
  const query = async () => {
    reads++;
    return { rows: [] };
  };
  let nowMs = 10_000_000;
  const catalogue = createCatalogue({ query } as unknown as Queries, () => nowMs);
  const ask = () => catalogue({ fromMs: 0, toMs: 1000 }, new AbortController().signal);
  await ask();
  nowMs += 1000;
  await ask();
  expect(reads).toBe(1);
  nowMs -= 3_600_000;
  await ask();
  expect(reads).toBe(2);
});
