import { sqlFile } from '../query/sql-file.ts';
import type { Store } from '../store/store.ts';
import type { BundleSampleLine } from './bundle-lines.ts';

const sql = sqlFile('sql/known-samples.sql', import.meta.url);

interface KnownSample {
  unixNano: string;
  name: string;
  attributes: Record<string, string>;
}

const sorted = (attributes: Record<string, string>): string =>
  JSON.stringify(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)));

function unixNano(timestamp: string): bigint {
  const fraction = /\.(\d{1,9})/.exec(timestamp)?.[1] ?? '';
  return BigInt(Math.floor(Date.parse(timestamp) / 1000)) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
}

/**
 * The samples that no other bundle of the case has brought. Log records need no such question: they have identities, and
 * are shown once whoever brought them. `node` as the case calls it; all samples are of it.
 */
export async function unknownSamples(
  store: Pick<Store, 'query'>,
  node: string,
  epoch: string,
  samples: readonly BundleSampleLine[],
): Promise<BundleSampleLine[]> {
  if (samples.length === 0) return [];
  const times = samples.map(({ timestamp }) => unixNano(timestamp));
  const ordered = [...times].sort((a, b) => Number(a - b));
  const [first = 0n, last = first] = [ordered[0], ordered.at(-1)];
  const { rows } = await store.query<KnownSample>(sql, {
    parameters: { node, epoch, first: first.toString(), last: last.toString() },
  });
  const known = new Set(rows.map((row) => `${row.unixNano} ${row.name} ${sorted(row.attributes)}`));
  return samples.filter(({ name, attributes }, at) => !known.has(`${times[at]} ${name} ${sorted(attributes)}`));
}
