import { SextantError } from '../../errors/sextant-error.ts';
import { checkSections } from './check.ts';
import type { Layer } from './layer.ts';
import { type MergeSchema, merge } from './merge.ts';
import { type Placed, place } from './placed.ts';
import { Profile, profileDefaults } from './profile.ts';

export interface EffectiveProfile {
  profile: Profile;
  /** The same with the places that each part comes from, for `sextant agent explain`. */
  placed: Placed;
  /** Files in the order in which they were laid over each other. */
  layers: readonly { name: string; file: string; description: string }[];
}

/** Lays layers over each other and checks the result. Throws SX_CONFIG_INVALID with `faults` and those it finds. */
export function compose(layers: readonly Layer[], faults: string[]): EffectiveProfile {
  const schema = Profile as unknown as MergeSchema;
  let said: Placed = { kind: 'map', origin: { file: 'default', line: 0 }, entries: new Map() };
  for (const layer of layers) {
    // On its own first: what a later layer hides would be wrong for all who read it.
    checkAlone(layer, faults);
    said = merge(schema, said, layer.content) ?? said;
  }
  // Defaults lie below what the layers say together, so that taking a key out brings its default back.
  const placed = merge(schema, place(profileDefaults, { file: 'default', line: 0 }), said) ?? said;
  const value = checkSections(placed, faults, { partial: false }) as Profile;
  refuseFaults(faults);
  const named = layers.filter(({ name }) => name !== '');
  return {
    profile: {
      ...value,
      name: named.map(({ name }) => name).join('+') || 'unnamed',
      description: named.map(({ description }) => description).join('; '),
    },
    placed,
    layers: layers.map(({ name, file, description }) => ({ name, file, description })),
  };
}

/** Checks what one layer says; what it does not say is for others. */
export function checkAlone(layer: Layer, faults: string[]): void {
  const alone = merge(Profile as unknown as MergeSchema, undefined, layer.content);
  if (alone) checkSections(alone, faults, { partial: true });
}

export function refuseFaults(
  faults: readonly string[],
  code: 'SX_CONFIG_INVALID' | 'SX_PROFILE_INVALID' = 'SX_CONFIG_INVALID',
): void {
  if (faults.length === 0) return;
  throw new SextantError(code, `the profile has faults:\n  ${[...new Set(faults)].join('\n  ')}`);
}
