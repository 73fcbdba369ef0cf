import { askedClasses, classesNote, isAskedFor } from './asked-classes.ts';
import { capClasses } from './caps.ts';
import { type Coverage, coverageState, sumMasked } from './coverage.ts';
import type { MergePart, Renamed } from './merge.ts';
import { redactionProfiles } from './redaction/profile.ts';
import { unanswered } from './unanswered.ts';

const earliest = (times: string[]): string => times.reduce((a, b) => (Date.parse(a) <= Date.parse(b) ? a : b));
const latest = (times: string[]): string => times.reduce((a, b) => (Date.parse(a) >= Date.parse(b) ? a : b));

/** One coverage for all parts: every node and source of each, and in the notes who has signed what. */
export function mergeCoverage(
  parts: readonly MergePart[],
  names: readonly Renamed[],
  made: { id: string; name: string; site: string; createdMs: number; nowMs: number },
): Coverage {
  const bundles = parts.map(({ coverage }) => coverage.bundle);
  const nodes = parts.flatMap(({ coverage }, at) =>
    coverage.nodes.map((node) => ({
      ...node,
      volumes: node.volumes.map((volume) => ({ ...volume, name: names[at]?.get(volume.name) ?? volume.name })),
    })),
  );
  const sources = parts.flatMap(({ coverage }) => coverage.sources);
  const recipients = Math.min(...bundles.map((bundle) => bundle.recipients));
  // What protects least says what the whole is.
  const redaction =
    redactionProfiles.find((profile) => bundles.some((bundle) => bundle.redaction === profile)) ?? 'none';
  // A class is of the whole when one part was asked for it; where another was not, its line in the notes says so.
  const classes = askedClasses(capClasses.filter((kind) => bundles.some((one) => isAskedFor(one.classes ?? [], kind))));
  const coverage: Coverage = {
    format: 'sextant-coverage/1',
    bundle: {
      id: made.id,
      name: made.name,
      site: made.site,
      state: coverageState({ nodes, sources }),
      from: earliest(bundles.map(({ from }) => from)),
      until: latest(bundles.map(({ until }) => until)),
      createdAt: new Date(made.createdMs).toISOString(),
      finishedAt: new Date(made.nowMs).toISOString(),
      roles: bundles.some(({ roles }) => roles.length === 0) ? [] : [...new Set(bundles.flatMap(({ roles }) => roles))],
      ...(classes.length > 0 && { classes }),
      redaction,
      recipients,
    },
    nodes,
    sources,
    masked: sumMasked(parts.map(({ coverage }) => coverage.masked)),
    notes: [
      `Merged from ${parts.length} bundles. Each part’s own descriptions, report and signature lie in data/parts/NAME/; its volumes are here byte for byte under other names, with the checksums that its manifest has.`,
      ...parts.map(({ coverage: { bundle }, report }) => {
        const trust = report.trust === 'pinned' ? 'a key that was given' : 'the key that it declares itself';
        const notAll = bundle.recipients === recipients ? '' : `; encrypted to ${bundle.recipients} recipients`;
        return `Part ${bundle.name}: ${bundle.state}, ${bundle.from} to ${bundle.until}, signed with key ${report.keyId ?? '?'}, verified against ${trust}${notAll}.${bundle.classes ? ` ${classesNote(bundle.classes)}` : ''}`;
      }),
      ...new Set(
        parts.flatMap(({ coverage: { notes = [], bundle } }) =>
          notes.filter((note) => note !== classesNote(bundle.classes ?? [])),
        ),
      ),
    ].slice(0, 100),
  };
  return { ...coverage, unanswered: unanswered(coverage) };
}
