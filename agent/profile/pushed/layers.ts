import type { ProfileReport } from '../../../protocol/control.ts';
import { isFor, type PushedProfile } from '../../../protocol/pushed-profile.ts';
import { checkAlone, compose, type EffectiveProfile, refuseFaults } from '../compose.ts';
import { type Layer, readLayer } from '../layer.ts';
import type { MergeSchema } from '../merge.ts';
import { Profile } from '../profile.ts';
import { newReach } from './reach.ts';

/** Profiles whose signatures hold, and the node that they are for. */
export interface PushedLayers {
  profiles: readonly PushedProfile[];
  keyId: string;
  node: string;
  /** Kinds of `Reach`. */
  allowed: readonly string[];
  nowMs: number;
}

export type PushedOutcome = ProfileReport['profiles'][number];

const maxReasonChars = 2000;

/**
 * Lays pushed profiles between a node's named profiles and its site file, by name. Each is taken or left out as a whole:
 * for this node, in time, without fault, and within what the node allows.
 */
export function layPushed(
  local: EffectiveProfile,
  named: readonly Layer[],
  site: readonly Layer[],
  pushed: PushedLayers,
): EffectiveProfile & { pushed: PushedOutcome[] } {
  const roles = named.map(({ name }) => name);
  const taken: Layer[] = [];
  let effective = local;

  function outcome(profile: PushedProfile): Pick<PushedOutcome, 'state' | 'reason'> {
    if (profile.withdrawn) return { state: 'withdrawn' };
    if (profile.expiresUnixMs <= pushed.nowMs) return { state: 'expired' };
    if (!isFor(profile, pushed.node, roles)) return { state: 'not-for-this-node' };
    try {
      const faults: string[] = [];
      const layer = readPushedLayer(profile, pushed.keyId, faults);
      const candidate = compose([...named, ...taken, layer, ...site], faults);
      const denied = newReach(Profile as unknown as MergeSchema, local.profile, candidate.profile, pushed.allowed);
      if (denied.length > 0) return { state: 'refused', reason: denied.join('; ').slice(0, maxReasonChars) };
      taken.push(layer);
      effective = candidate;
      return { state: 'applied' };
    } catch (error) {
      return { state: 'refused', reason: (error as Error).message.slice(0, maxReasonChars) };
    }
  }

  const outcomes: PushedOutcome[] = [];
  for (const profile of [...pushed.profiles].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    outcomes.push({ name: profile.name, version: profile.version, ...outcome(profile) });
  }
  return { ...effective, pushed: outcomes };
}

function readPushedLayer(profile: PushedProfile, keyId: string, faults: string[]): Layer {
  const file = `pushed ${profile.name} v${profile.version} (key ${keyId})`;
  const layer = readLayer(profile.text, file, faults);
  for (const { origin } of layer.include) faults.push(`${file}:${origin.line}: include: a pushed profile has none`);
  return { ...layer, name: profile.name };
}

/** Checks a text before it is signed. Throws SX_PROFILE_INVALID with every fault that needs no node to be seen. */
export function checkPushedText(text: string, name: string): void {
  const faults: string[] = [];
  const layer = readLayer(text, name, faults);
  for (const { origin } of layer.include) faults.push(`${name}:${origin.line}: include: a pushed profile has none`);
  checkAlone(layer, faults);
  refuseFaults(faults, 'SX_PROFILE_INVALID');
}
