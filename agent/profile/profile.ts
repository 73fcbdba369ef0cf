import { type Static, Type } from 'typebox';

const BundleItem = Type.Object(
  {
    /** Stable name of the item in coverage and in the volume, `[a-z0-9-]+`. */
    name: Type.String({ pattern: '^[a-z0-9][a-z0-9-]*$' }),
    /** Globs of files; only parts changed inside the window are taken. */
    files: Type.Optional(Type.Array(Type.String())),
    /** Program and arguments; no shell. Its output becomes one file. */
    command: Type.Optional(Type.Array(Type.String(), { minItems: 1 })),
    /** The systemd journal of the window. */
    journal: Type.Optional(Type.Boolean()),
    timeoutMs: Type.Optional(Type.Integer({ minimum: 100 })),
    maxBytes: Type.Optional(Type.Integer({ minimum: 1024 })),
  },
  { additionalProperties: false },
);
export type BundleItem = Static<typeof BundleItem>;

/** What one kind of machine is asked for: data in profiles/*.yaml, never code. */
export const Profile = Type.Object(
  {
    name: Type.String(),
    description: Type.String(),
    metrics: Type.Object({ enabled: Type.Boolean() }, { additionalProperties: false }),
    hardware: Type.Object({ enabled: Type.Boolean() }, { additionalProperties: false }),
    journal: Type.Object({ enabled: Type.Boolean() }, { additionalProperties: false }),
    files: Type.Object(
      { follow: Type.Array(Type.String()), exclude: Type.Array(Type.String()) },
      { additionalProperties: false },
    ),
    /** Role name → what a bundle takes for it. */
    bundle: Type.Record(
      Type.String(),
      Type.Object({ description: Type.String(), items: Type.Array(BundleItem) }, { additionalProperties: false }),
    ),
  },
  { additionalProperties: false },
);
export type Profile = Static<typeof Profile>;
