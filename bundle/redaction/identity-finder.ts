import type { SiteName } from '../scanner/name-trie.ts';
import { eventCells, type Scanner } from '../scanner/scanner.ts';
import { createAddressFinder } from './address-finder.ts';
import { directoryName } from './directory-name.ts';
import { LineView, type Replacement } from './line-view.ts';
import { createNameFinder } from './name-finder.ts';
import { count, type RedactionProfile, type RedactionTally } from './profile.ts';
import type { Pseudonyms } from './pseudonyms.ts';
import { trigger } from './trigger.ts';

/** Finds the identities of a line from what the scanner saw in it. Works on bytes, and only around the places that it names. */
export interface IdentityFinder {
  /**
   * `events`: what the scanner saw, of which those from `firstEvent` on to `endOfEvents` are of this line. Returns how many
   * replacements there are; they lie in `replacements`, in order and without overlap, until the next call.
   */
  find(
    bytes: Buffer,
    from: number,
    to: number,
    events: Int32Array,
    firstEvent: number,
    endOfEvents: number,
    tally: RedactionTally,
  ): number;
  readonly replacements: readonly Readonly<Replacement>[];
}

export function createIdentityFinder(
  scanner: Scanner,
  pseudonyms: Pseudonyms,
  siteNames: readonly SiteName[],
  profile: RedactionProfile,
): IdentityFinder {
  const line = new LineView();
  const addresses = createAddressFinder(line, pseudonyms, profile);
  const finder = createNameFinder(line, pseudonyms, siteNames, profile);
  /** A mark's own words must not be taken for names. */
  const mark = (at: number): void => {
    let end = at + 1;
    while (end < line.to && end < at + 64 && line.at(end) !== 93) end++;
    line.marks ??= [];
    line.marks.push([at - 7, end + 1]);
  };

  const find: IdentityFinder['find'] = (bytes, from, to, events, firstEvent, endOfEvents, tally) => {
    line.begin(bytes, from, to);
    // The scanner sees an address at two of its dots.
    let judged = from;
    for (let event = firstEvent; event < endOfEvents; event += eventCells) {
      const at = events[event] as number;
      const { triggers, names } = scanner.found(events[event + 1] as number);
      if (triggers !== 0) {
        if (triggers & trigger.mark) mark(at);
        if (triggers & trigger.ipv4 && at >= judged) judged = addresses.ipv4(at);
        if (triggers & trigger.colons) addresses.colons(at);
        if (triggers & trigger.macDashes) addresses.macDashes(at);
        if (triggers & trigger.macDots) addresses.macDots(at);
        if (triggers & trigger.plainMac) addresses.plainMac(at);
        if (triggers & trigger.directoryName) directoryName(line, at, pseudonyms);
        if (triggers & trigger.sid) addresses.sid(at);
        if (triggers & trigger.at) finder.mail(at - 1);
        if (triggers & trigger.userFolder) finder.folder(at + 1);
        if (triggers & trigger.unc) finder.share(at);
        if (triggers & trigger.userPhrase) finder.phrase('user', at + 1);
        if (triggers & trigger.hostPhrase) finder.phrase('host', at + 1);
        // The sign behind a field's name has been seen with it.
        if (triggers & trigger.userField) finder.field('user', at);
        if (triggers & trigger.hostField) finder.field('host', at);
      }
      for (let n = 0; n < names.length; n++) if (finder.siteName(names[n] as number, at + 1)) break;
    }
    for (let at = 0; at < line.count; at++) count(tally, (line.found[at] as Replacement).rule);
    return line.count;
  };
  return { find, replacements: line.found };
}
