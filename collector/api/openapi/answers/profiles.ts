import { Type } from 'typebox';
import type { ProfileKeyInfo, PushedProfileList, PushedProfileRow, PushedProfileText } from '../../shapes/profiles.ts';
import { names, orNull, same, Text, Time } from './schema.ts';

const pushedProfile = {
  name: Text,
  version: Type.Number(),
  state: names(['active', 'withdrawn', 'expired']),
  nodes: Type.Array(Text, { description: 'With roles empty too: every node.' }),
  roles: Type.Array(Text),
  rolesWithoutNode: Type.Array(Text, { description: 'Of roles, those that no node is known to have.' }),
  issuedAt: Time,
  expiresAt: Time,
  pushedBy: Text,
  bytes: Type.Number(),
  outcomes: Type.Array(
    Type.Object({
      node: Text,
      version: Type.Number(),
      state: names(['applied', 'not-for-this-node', 'expired', 'refused', 'withdrawn']),
      reason: orNull(Text),
      at: Time,
    }),
  ),
  waiting: Type.Array(Text, { description: 'Nodes that have not said anything of this version yet.' }),
};

export const profileAnswers = {
  PushedProfile: same<PushedProfileRow>()(Type.Object(pushedProfile)),
  PushedProfileText: same<PushedProfileText>()(
    Type.Object({
      ...pushedProfile,
      text: Text,
      document: Type.String({ description: 'The bytes that nodes are sent.' }),
      signature: Type.String({ description: 'Text of a minisig file over them.' }),
    }),
  ),
  PushedProfileList: same<PushedProfileList>()(
    Type.Object({
      keyId: orNull(Text),
      profiles: Type.Array(Type.Object(pushedProfile)),
      nodes: Type.Array(
        Type.Object({
          node: Text,
          keyId: orNull(Text),
          error: orNull(Text),
          roles: orNull(Type.Array(Text, { description: 'Names of its own profiles.' })),
          at: Time,
        }),
      ),
    }),
  ),
  ProfileKey: same<ProfileKeyInfo>()(
    Type.Object({ keyId: Text, publicKey: Text, earlier: Type.Array(Text, { description: 'Oldest first.' }) }),
  ),
};
