import { SextantError } from '../../../errors/sextant-error.ts';
import { compose } from '../compose.ts';
import type { Layer } from '../layer.ts';
import type { LocalLayers } from '../load.ts';
import { place } from '../placed.ts';
import { type SectionName, sectionNames } from '../profile.ts';

/** Layers without fault, and the sections that are off in them. */
export interface SoundLayers extends LocalLayers {
  off: readonly SectionName[];
}

/**
 * Takes out of layers the sections in which any of them has a fault. Those collect nothing: what a faulty section says
 * may be what the site wants left alone, so that the layers below it must not speak for it. Nor may a pushed profile, so
 * they are off above it too.
 */
export function soundSections(layers: LocalLayers): SoundLayers {
  const all = [...layers.named, ...layers.site];
  return withoutSections(
    layers,
    sectionNames.filter((section) => !isSound(all.map((layer) => reduced(layer, [section])))),
  );
}

/** With these sections off, whatever the layers say. */
export function withoutSections({ named, site }: LocalLayers, off: readonly SectionName[]): SoundLayers {
  const rest = sectionNames.filter((section) => !off.includes(section));
  const origin = { file: 'sections with a fault', line: 0 };
  const lid: Layer = {
    file: origin.file,
    name: '',
    description: '',
    include: [],
    content: place(Object.fromEntries(off.map((section) => [section, null])), origin),
  };
  const reduce = (layer: Layer): Layer => reduced(layer, rest);
  return { named: named.map(reduce), site: [...site.map(reduce), lid], off };
}

/** Says something that is no section: whatever was meant by it, no other can be told from it. */
export const saysUnknown = ({ named, site }: LocalLayers): boolean =>
  [...named, ...site].some(
    ({ content }) =>
      content.kind === 'map' && [...content.entries.keys()].some((key) => !sectionNames.includes(key as SectionName)),
  );

function reduced(layer: Layer, sections: readonly SectionName[]): Layer {
  const { content } = layer;
  const entries = content.kind === 'map' ? [...content.entries] : [];
  const left = entries.filter(([key]) => sections.includes(key as SectionName));
  return { ...layer, content: { kind: 'map', origin: content.origin, entries: new Map(left) } };
}

function isSound(layers: readonly Layer[]): boolean {
  try {
    compose(layers, []);
    return true;
  } catch (error) {
    if (error instanceof SextantError) return false;
    throw error;
  }
}
