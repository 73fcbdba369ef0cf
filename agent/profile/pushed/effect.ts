import type { EffectiveProfile } from '../compose.ts';
import { explainValues } from '../explain.ts';
import { loadProfile } from '../load.ts';
import type { MergeSchema } from '../merge.ts';
import { Profile } from '../profile.ts';
import { allowableReach, newReach } from './reach.ts';

/** What a layer would do to a node with these profiles and no site file. */
export interface PushedEffect {
  /** The profiles, as their layers are called. */
  on: string;
  changes: { path: string; before?: unknown; after?: unknown }[];
  /** What a node must allow. */
  needs: string[];
}

/** Shows what a text would change once it is pushed. Throws SX_CONFIG_INVALID for the profiles below it. */
export function pushedEffect(text: string, name: string, names: readonly string[]): PushedEffect {
  const below = loadProfile({ names });
  const layer = { name, version: 1, nodes: [], roles: [], issuedUnixMs: 0, withdrawn: false, text };
  const nowMs = Date.now();
  const above = loadProfile({
    names,
    pushed: {
      profiles: [{ ...layer, expiresUnixMs: nowMs + 1 }],
      keyId: '',
      node: '',
      allowed: [...allowableReach, 'secrets'],
      nowMs,
    },
  });
  const before = valuesOf(below);
  const after = valuesOf(above);
  const changes = [...new Set([...before.keys(), ...after.keys()])]
    .filter((path) => JSON.stringify(before.get(path)) !== JSON.stringify(after.get(path)))
    .map((path) => ({ path, before: before.get(path), after: after.get(path) }));
  return {
    on: below.profile.name,
    changes,
    needs: newReach(Profile as unknown as MergeSchema, below.profile, above.profile, []),
  };
}

const valuesOf = ({ placed }: EffectiveProfile): Map<string, unknown> =>
  new Map(explainValues(placed).map(({ path, value }) => [path, value]));
