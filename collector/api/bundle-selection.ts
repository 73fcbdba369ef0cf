import { Type } from 'typebox';
import { bundlePresetNames } from '../../bundle/preset.ts';
import { redactionProfiles } from '../../bundle/redaction/profile.ts';

/** What orders of bundles have in common. */
export const bundleSelection = {
  /** A window of this length that ends when the bundle is made. */
  preset: Type.Optional(Type.Enum([...bundlePresetNames])),
  nodes: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 70 }), { maxItems: 1000 })),
  roles: Type.Optional(Type.Array(Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$' }), { maxItems: 64 })),
  redaction: Type.Optional(Type.Enum([...redactionProfiles])),
};
