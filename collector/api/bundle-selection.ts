import { Type } from 'typebox';
import { capClasses } from '../../bundle/caps.ts';
import { bundlePresetNames } from '../../bundle/preset.ts';
import { redactionProfiles } from '../../bundle/redaction/profile.ts';
import { nameWords, textPattern } from '../../config/text-pattern.ts';

/** What orders of bundles have in common. */
export const bundleSelection = {
  /** A window of this length that ends when the bundle is made. */
  preset: Type.Optional(Type.Enum([...bundlePresetNames])),
  nodes: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 70 }), { maxItems: 1000 })),
  roles: Type.Optional(
    Type.Array(Type.String({ pattern: textPattern('^[a-z0-9][a-z0-9-]{0,63}$', nameWords(64)) }), { maxItems: 64 }),
  ),
  /** Of content; all when absent or empty. */
  classes: Type.Optional(Type.Array(Type.Enum([...capClasses]), { maxItems: capClasses.length })),
  redaction: Type.Optional(Type.Enum([...redactionProfiles])),
  /** What the collector has stored as Parquet too. */
  parquet: Type.Optional(Type.Boolean()),
};

const Bytes = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });

/** Limits of a bundle's content before compression, in bytes, in place of the configured ones. */
export const bundleLimits = {
  maxBytes: Type.Optional(Bytes),
  maxBytesPer: Type.Optional(
    Type.Object(Object.fromEntries(capClasses.map((kind) => [kind, Type.Optional(Bytes)])), {
      additionalProperties: false,
    }),
  ),
};
