import { rm } from 'node:fs/promises';
import { type Comparison, compareBundles } from '../bundle/comparison/compare-bundles.ts';
import type { FactChange } from '../bundle/comparison/facts.ts';
import { formatTime } from '../bundle/report-format.ts';
import { openSoundBundle } from '../bundle/sound-bundle.ts';
import { readBundleKeys } from './bundle-keys.ts';
import type { BundleCompareOptions } from './bundle-reading-commands.ts';
import { interruption } from './interruption.ts';
import { checkBundleFolders } from './named-path.ts';
import { print } from './output.ts';
import { printable } from './printable.ts';
import { makeScratchFolder } from './scratch-folder.ts';
import { formatTable } from './table.ts';

/** Prints what changed from bundle A to bundle B; leaves exit code 3 when parts of them could not be compared. */
export async function compare(a: string, b: string, options: BundleCompareOptions): Promise<void> {
  await checkBundleFolders([a, b]);
  const interrupted = interruption();
  const scratch = await makeScratchFolder('sextant-compare-');
  try {
    const { signal } = interrupted;
    const keys = await readBundleKeys(options);
    const how = { ...keys, skipDamaged: options.skipDamaged, signal };
    const [before, after] = [await openSoundBundle([a], how), await openSoundBundle([b], how)];
    const { identities } = keys;
    const result = await compareBundles(before, after, { identities, scratch, nowMs: Date.now(), signal });
    if (before.damaged.length + after.damaged.length > 0) process.exitCode = 3;
    if (options.json) await print(`${JSON.stringify(result)}\n`);
    else await show(result, options.limit);
  } finally {
    interrupted.close();
    await rm(scratch, { recursive: true, force: true });
  }
}

async function show(result: Comparison, limit: number): Promise<void> {
  for (const [side, { name, site, from, until, state }] of [
    ['A', result.a],
    ['B', result.b],
  ] as const) {
    await print(
      `${side}  ${printable(name)}, ${printable(site)}, ${formatTime(from)} to ${formatTime(until)}, ${state}\n`,
    );
  }
  for (const note of result.notes) await print(`NOTE  ${printable(note)}\n`);
  const { nodes, findings } = result;
  if (nodes.onlyA.length > 0) await print(`Nodes in A only: ${printable(nodes.onlyA.join(', '))}\n`);
  if (nodes.onlyB.length > 0) await print(`Nodes in B only: ${printable(nodes.onlyB.join(', '))}\n`);

  const facts = (rows: readonly (FactChange & { node?: string })[]): string =>
    formatTable(
      rows,
      [
        ...(rows.some(({ node }) => node !== undefined)
          ? [{ title: 'NODE', text: (row: FactChange & { node?: string }) => row.node ?? '' }]
          : []),
        { title: 'WHAT', text: (row) => row.path },
        { title: 'A', text: (row) => row.a ?? '–' },
        { title: 'B', text: (row) => row.b ?? '–' },
      ],
      false,
    );
  await section('Versions', result.versions, limit, facts);
  await section('Inventory', result.inventory, limit, facts);
  await section('Configuration', result.configuration, limit, facts);
  await section('Records by the hour', result.rates, limit, (rows) =>
    formatTable(
      rows,
      [
        { title: 'NODE', text: (row) => row.node },
        { title: 'CHANNEL', text: (row) => row.channel.slice(0, 40) },
        { title: 'A', align: 'right', text: (row) => String(row.a.perHour) },
        { title: 'B', align: 'right', text: (row) => String(row.b.perHour) },
        { title: 'KIND', text: (row) => row.kind },
      ],
      false,
    ),
  );
  const named = [
    ...findings.onlyA.map((finding) => ({ in: 'A', ...finding })),
    ...findings.onlyB.map((finding) => ({ in: 'B', ...finding })),
  ];
  await section('Findings in one of them only', named, limit, (rows) =>
    formatTable(
      rows,
      [
        { title: 'IN', text: (row) => row.in },
        { title: 'SEVERITY', text: (row) => row.severity },
        { title: 'NODE', text: (row) => row.node },
        { title: 'COUNT', align: 'right', text: (row) => String(row.count) },
        { title: 'WHAT', text: (row) => `${row.title}${row.subject === '' ? '' : `: ${row.subject}`}` },
      ],
      false,
    ),
  );
}

async function section<Row>(
  title: string,
  rows: readonly Row[],
  limit: number,
  format: (rows: readonly Row[]) => string,
): Promise<void> {
  if (rows.length === 0) return print(`\n${title}: no difference\n`);
  const more = rows.length > limit ? `and ${rows.length - limit} more; --limit or --json shows them\n` : '';
  await print(`\n${title} (${rows.length})\n${format(rows.slice(0, limit))}${more}`);
}
