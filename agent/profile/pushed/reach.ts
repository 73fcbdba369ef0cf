import { type MergeSchema, schemaOfKey } from '../merge.ts';

/**
 * Kinds of what a profile can make the agent do beside counting: run programs, read files, speak to machines, read logs,
 * and use this node's credentials.
 */
export type Reach = 'programs' | 'files' | 'network' | 'logs' | 'secrets';

/** What a node's own configuration can allow pushed profiles (`agent.profiles.allowPushed`); secrets never. */
export const allowableReach = ['programs', 'files', 'network', 'logs'] as const;

interface Reached {
  kind: Reach;
  /** `files.follow`, `probes.tcp.gateway.host`. */
  path: string;
  value: string;
}

/** All that this profile reaches, by what names it, and all that it keeps away from. */
function reachOf(schema: MergeSchema, profile: unknown): { reached: Map<string, Reached>; away: Map<string, Reached> } {
  const reached = new Map<string, Reached>();
  const away = new Map<string, Reached>();
  function add(kind: Reach, path: readonly string[], value: unknown, keepsAway: boolean): void {
    if (value === false || value === '') return;
    const one = { kind, path: path.join('.'), value: JSON.stringify(value) };
    (keepsAway ? away : reached).set(JSON.stringify([kind, path, one.value]), one);
  }
  function walk(at: MergeSchema | undefined, value: unknown, path: readonly string[]): void {
    const { reach, keepsAway = false } = at ?? {};
    if (Array.isArray(value)) {
      if (reach && at?.merge === 'union') for (const item of value) add(reach, path, item, keepsAway);
      else if (reach) add(reach, path, value, keepsAway);
      else for (const [index, item] of value.entries()) walk(at?.items, item, [...path, nameOf(item) ?? `${index}`]);
    } else if (typeof value === 'object' && value !== null) {
      const map = value as Record<string, unknown>;
      // What is switched off reaches nothing, so switching it on is what needs leave.
      if (map.enabled === false) return;
      if (reach) add(reach, path, Object.fromEntries((at?.reachBy ?? []).map((key) => [key, map[key]])), keepsAway);
      for (const [key, item] of Object.entries(map)) walk(at && schemaOfKey(at, key), item, [...path, key]);
    } else if (reach) add(reach, path, value, keepsAway);
  }
  walk(schema, profile, []);
  return { reached, away };
}

/**
 * What a profile with pushed layers reaches that the node's own layers alone do not, as far as that is not allowed: one
 * line each. The effect is compared and not the text, so that no way of writing it gets around this.
 */
export function newReach(schema: MergeSchema, before: unknown, after: unknown, allowed: readonly string[]): string[] {
  const own = reachOf(schema, before);
  const pushed = reachOf(schema, after);
  const added = [...pushed.reached].filter(([key]) => !own.reached.has(key)).map(([, one]) => one);
  const bared = [...own.away].filter(([key]) => !pushed.away.has(key)).map(([, one]) => one);
  const tell = ({ kind, path, value }: Reached, what: string): string =>
    `${path}: ${what} ${value.slice(0, 200)} ${kind === 'secrets' ? 'is for the node’s own files alone' : `needs \`${kind}\` in agent.profiles.allowPushed of the node`}`;
  const denied = ({ kind }: Reached): boolean => !allowed.includes(kind);
  return [
    ...added.filter(denied).map((one) => tell(one, 'saying')),
    ...bared.filter(denied).map((one) => tell(one, 'taking out')),
  ];
}

function nameOf(item: unknown): string | undefined {
  const name = typeof item === 'object' && item !== null ? (item as { name?: unknown }).name : undefined;
  return typeof name === 'string' ? name : undefined;
}
