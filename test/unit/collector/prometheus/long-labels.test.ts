import { expect, test } from 'vitest';
import { evaluateAt } from '../../../../collector/prometheus/evaluate/evaluate.ts';
import { createWork, type Work } from '../../../../collector/prometheus/evaluate/work.ts';
import { parseQuery } from '../../../../collector/prometheus/parse/parse.ts';
import { memorySource, originMs } from './memory-source.ts';

const nodes = Array.from({ length: 20 }, (_, index) => ({
  name: 'ups',
  labels: { node: `n${index}` },
  samples: [[0, 1]] as [number, number][],
}));

/** A query's answer, the text that it counted and how often it let others have their turn. */
async function counted(query: string) {
  let characters = 0;
  let rests = 0;
  const own = createWork({ timeoutMs: 20_000 });
  const work: Work = {
    ...own,
    holdText(count) {
      characters += count;
      own.holdText(count);
    },
    visit: () => true,
    async rest() {
      rests++;
    },
  };
  const evaluation = { source: memorySource(nodes), work, lookbackMs: 300_000 };
  const result = await evaluateAt(parseQuery(query), originMs, evaluation);
  return { result, characters, rests };
}

const labelled = (characters: number) => `label_replace(vector(1), "a", "${'x'.repeat(characters)}", "", "")`;
const repeated = (times: number, what: string) => Array(times).fill(what).join('');
function nested(levels: number, around: (inner: string) => string): string {
  let query = labelled(1000);
  for (let level = 0; level < levels; level++) query = around(query);
  return query;
}

test.each([
  ['label_join', nested(3, (inner) => `label_join(${inner}, "a", ""${repeated(10, ', "a"')})`)],
  ['label_join with a separator', `label_join(${labelled(1)}, "b", "${'-'.repeat(30_000)}", "a", "a", "a", "a")`],
  ['label_replace', nested(3, (inner) => `label_replace(${inner}, "a", "${repeated(10, '$1')}", "a", "(.*)")`)],
])('%s makes no label longer than 64 Ki characters', async (_function, query) => {
  await expect(counted(query)).rejects.toMatchObject({
    kind: 'execution',
    message: expect.stringContaining('longer than 65536 characters'),
  });
});

test('a label of 64 Ki characters is made', async () => {
  const { result } = await counted(`label_join(${labelled(32_768)}, "b", "", "a", "a")`);
  expect(result.type === 'vector' && new Map(result.series[0]?.labels).get('b')).toHaveLength(65_536);
});

test.each(['label_join(ups, "a", "", "node", "node")', 'label_replace(ups, "a", "$1$1", "node", "(.*)")'])(
  '%s counts the text that it makes, and others have their turn at each series',
  async (query) => {
    const { characters, rests } = await counted(query);
    const expected = nodes.reduce((sum, { labels }) => sum + 2 * labels.node.length, 0);
    expect(characters).toBe(expected);
    expect((await counted('ups')).rests).toBeLessThanOrEqual(rests - nodes.length);
  },
);

test.each(['abs(ups)', 'ups * 2', '-ups', 'label_join(ups, "a", "", "node")'])(
  'others have their turn at each series of %s, where it is made and where its labels are',
  async (query) => {
    const { rests } = await counted(query);
    expect(rests - (await counted('ups')).rests).toBeGreaterThanOrEqual(2 * nodes.length);
  },
);

test('a long label that is given to many series is counted with each', async () => {
  const { characters } = await counted(`ups * on() group_left(a) ${labelled(50_000)}`);
  expect(characters).toBeGreaterThan(nodes.length * 40_000);
});

test('an expression that would take long over a long label is refused', async () => {
  const pattern = `(?:${'a?'.repeat(600)})*(b)`;
  const query = `label_replace(${labelled(60_000)}, "b", "$1", "a", "${pattern}")`;
  await expect(counted(query)).rejects.toMatchObject({ kind: 'execution' });
  expect((await counted(query.replace('"a", "(?:', '"b", "(?:'))).result).toBeDefined();
});

test('what a template refers to is put in as Go does it', async () => {
  const braced = (name: string) => `$\{${name}}`;
  const template = `$1-${braced('1')}-$$1-$first-${braced('first')}-$9-$none-$`;
  const { result } = await counted(
    `label_replace(label_replace(vector(1), "a", "abc", "", ""), "b", "${template}", "a", "(?P<first>a).*")`,
  );
  expect(result.type === 'vector' && new Map(result.series[0]?.labels).get('b')).toBe('a-a-$1-a-a---$');
});
