const minute = 60_000;

/** Lengths of the windows that are asked for most. */
export const bundlePresets = {
  quick: 15 * minute,
  standard: 4 * 60 * minute,
  deep: 24 * 60 * minute,
} as const satisfies Record<string, number>;

export type BundlePreset = keyof typeof bundlePresets;
export const bundlePresetNames = Object.keys(bundlePresets) as BundlePreset[];
