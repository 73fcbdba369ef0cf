import { askedClasses } from '../bundle/asked-classes.ts';
import type { CapClass } from '../bundle/caps.ts';
import { collectorNode } from '../bundle/coverage.ts';
import { formatBytes } from '../bundle/report-format.ts';
import type { BundleEstimate, BundleEstimateSource } from '../collector/api/shapes/bundles.ts';
import { stateColor } from './bundle-list.ts';
import { wantsColor } from './color.ts';
import { print } from './output.ts';
import { printable } from './printable.ts';
import { formatTable } from './table.ts';

/** What a machine does not have would bring nothing: it is counted, not listed, unless it is a whole role that was asked for. */
const isListed = ({ source, state, bytes }: BundleEstimateSource): boolean =>
  state !== 'absent' || bytes > 0 || !source.includes('/');

/** What could not be looked at is not nothing. */
const sizeOf = ({ state, bytes: content }: BundleEstimateSource, bytes: number): string =>
  content === 0 && (state === 'failed' || state === 'timeout') ? '?' : formatBytes(bytes);

/** Says what a bundle of these classes (none named: all) would hold, source by source. */
export async function printEstimate(estimate: BundleEstimate, classes: readonly CapClass[]): Promise<void> {
  await print(
    formatTable<BundleEstimateSource>(
      estimate.sources.filter(isListed),
      [
        { title: 'NODE', text: ({ node }) => (node === collectorNode ? 'collector' : node) },
        { title: 'SOURCE', text: ({ source }) => source },
        { title: 'CONTENT', align: 'right', text: (source) => sizeOf(source, source.bytes) },
        { title: 'PACKED', align: 'right', text: (source) => sizeOf(source, source.packedBytes) },
        { title: 'FROM', text: ({ basis }) => basis },
        { title: 'STATE', text: ({ state }) => state, color: ({ state }) => stateColor(state) },
        { title: '', text: ({ reason }) => reason ?? '' },
      ],
      wantsColor(process.stdout),
    ),
  );
  const absent = estimate.sources.filter((source) => !isListed(source)).length;
  const unasked = estimate.nodes.filter(({ state }) => state !== 'estimated');
  for (const { node, state, reason } of unasked) {
    await print(`${printable(node)}: ${state}, ${printable(reason ?? '')}: what it would bring is not counted\n`);
  }
  const asked = askedClasses(classes);
  if (asked.length > 0) {
    await print(`Only ${asked.join(', ')} of the classes: what the others would bring is not counted.\n`);
  }
  const more = absent > 0 ? `; ${absent} sources are not there and bring nothing` : '';
  await print(
    `About ${formatBytes(estimate.packedBytes)}, from ${formatBytes(estimate.bytes)} of content, ${estimate.from} to ${estimate.until}${more}. Nothing was gathered.\n`,
  );
}
