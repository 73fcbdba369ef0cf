import type { LocalLayers } from '../load.ts';
import { type SectionName, sectionNames } from '../profile.ts';
import { type SoundLayers, saysUnknown, soundSections, withoutSections } from './sound-sections.ts';

/** What is wrong with a node's own profile, and what holds instead of it. */
export interface LocalFault {
  /** Every fault with file and line, as SX_CONFIG_INVALID has it. */
  text: string;
  /** What holds instead, in words. */
  instead: string;
  /** Sections that collect nothing meanwhile. */
  off: readonly SectionName[];
}

/**
 * Layers to go on with when a node's own have a fault, never with more than the site has said.
 *
 * What was last read without fault is taken as it was: a state that held as a whole. Where nothing is kept, or where this
 * release no longer takes a part of it, each section counts by itself and one with a fault is off. Text that could not be
 * read, or that says something that is no section, may have meant any of them, so all are off.
 */
export function fallBack(
  kept: LocalLayers | undefined,
  present: { layers: LocalLayers; isUnreadable: boolean },
): { layers: SoundLayers } & Pick<LocalFault, 'instead' | 'off'> {
  // What an earlier release called a section and this one does not is left out with the faulty ones.
  if (kept) return told(soundSections(kept), 'the profile as it was last read without fault holds');
  const isVague = present.isUnreadable || saysUnknown(present.layers);
  const layers = isVague ? withoutSections(present.layers, sectionNames) : soundSections(present.layers);
  return told(layers, 'what is without fault holds');
}

function told(layers: SoundLayers, holds: string): ReturnType<typeof fallBack> {
  const { off } = layers;
  if (off.length === 0) return { layers, off, instead: holds };
  const instead =
    off.length === sectionNames.length
      ? 'nothing is collected but what the agent says of itself, because what this site wants cannot be told'
      : `${holds}, without ${off.join(', ')}, which collect nothing`;
  return { layers, off, instead };
}
