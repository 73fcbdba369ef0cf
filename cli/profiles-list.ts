import type {
  ProfileOutcome,
  PushedProfileList,
  PushedProfileRow,
  PushedProfileText,
} from '../collector/api/shapes/profiles.ts';
import { formatTime } from './ago.ts';
import { createApiClient } from './api-client.ts';
import { type Color, wantsColor } from './color.ts';
import { print } from './output.ts';
import { printable } from './printable.ts';
import type { ProfilesOptions } from './profiles.ts';
import { formatTable } from './table.ts';

const none = 'No profile was pushed yet. Push one with: sextant profiles push FILE --dry-run\n';

export async function listProfiles(options: ProfilesOptions): Promise<void> {
  const client = createApiClient(options);
  const list = await client.get<PushedProfileList>('profiles').finally(() => client.close());
  if (options.json) return print(`${JSON.stringify(list)}\n`);
  await print(list.profiles.length === 0 ? none : table(list.profiles));
  // What stands in nobody's way is not told: a refusal is what somebody has to act on.
  const troubles = [
    ...list.nodes.filter(({ error }) => error !== null).map(({ node, error }) => `${node} takes none: ${error}`),
    ...list.profiles
      .filter(({ state }) => state === 'active')
      .flatMap(({ name, rolesWithoutNode }) =>
        rolesWithoutNode.map((role) => `no node is known to have the role ${role} of ${name}`),
      ),
    ...list.profiles.flatMap(({ name, outcomes }) =>
      outcomes
        .filter(({ state }) => state === 'refused')
        .map(({ node, version, reason }) => `${node} refused ${name} v${version}: ${reason}`),
    ),
  ];
  if (troubles.length > 0) await print(`\n${troubles.map((each) => `${printable(each)}\n`).join('')}`);
}

export async function showProfile(name: string, options: ProfilesOptions): Promise<void> {
  const client = createApiClient(options);
  const profile = await client
    .get<PushedProfileText>(`profiles/${encodeURIComponent(name)}`)
    .finally(() => client.close());
  if (options.json) return print(`${JSON.stringify(profile)}\n`);
  const { version, state, pushedBy, issuedAt, expiresAt, text } = profile;
  const head = `# ${name} v${version}, ${state}, for ${target(profile)}; by ${pushedBy} at ${issuedAt}, until ${expiresAt}`;
  await print(`${printable(head)}\n${text.split('\n').map(printable).join('\n').trimEnd()}\n`);
}

export async function withdrawProfile(name: string, options: ProfilesOptions): Promise<void> {
  const client = createApiClient(options);
  const row = await client
    .send<PushedProfileRow>('DELETE', `profiles/${encodeURIComponent(name)}`)
    .finally(() => client.close());
  if (options.json) return print(`${JSON.stringify(row)}\n`);
  await print(`${printable(name)} is withdrawn; nodes that are away drop it when they come back.\n`);
}

export const target = ({ nodes, roles }: Pick<PushedProfileRow, 'nodes' | 'roles'>): string =>
  nodes.length + roles.length === 0 ? 'all' : [...nodes, ...roles.map((role) => `role ${role}`)].join(', ');

const stateColors: Record<PushedProfileRow['state'], Color> = { active: 'green', withdrawn: 'gray', expired: 'yellow' };

function table(profiles: PushedProfileRow[]): string {
  const nodesOf = (profile: PushedProfileRow, state: ProfileOutcome['state']): string =>
    String(profile.outcomes.filter((each) => each.version === profile.version && each.state === state).length);
  return formatTable<PushedProfileRow>(
    profiles,
    [
      { title: 'NAME', text: (row) => row.name },
      { title: 'VERSION', align: 'right', text: (row) => String(row.version) },
      { title: 'STATE', text: (row) => row.state, color: (row) => stateColors[row.state] },
      { title: 'FOR', text: target },
      { title: 'PUSHED', text: (row) => formatTime(row.issuedAt) },
      { title: 'BY', text: (row) => row.pushedBy },
      { title: 'UNTIL', text: (row) => formatTime(row.expiresAt) },
      { title: 'APPLIED', align: 'right', text: (row) => nodesOf(row, 'applied') },
      {
        title: 'REFUSED',
        align: 'right',
        text: (row) => nodesOf(row, 'refused'),
        color: (row) => (nodesOf(row, 'refused') === '0' ? undefined : 'red'),
      },
      { title: 'WAITING', align: 'right', text: (row) => String(row.waiting.length) },
    ],
    wantsColor(process.stdout),
  );
}
