import { Type } from 'typebox';
import { SourceHealth } from '../../../../protocol/control.ts';
import type { NodeRow } from '../../shapes/nodes.ts';
import { names, orNull, same, Text, Time } from './schema.ts';

const nodeRow = same<NodeRow>()(
  Type.Object({
    node: Type.String({ description: '`syslog:PEER` for a peer that sends syslog.' }),
    kind: names(['node', 'syslog']),
    os: Text,
    version: Text,
    state: names(['online', 'silent', 'never-seen']),
    lastSeen: orNull(Time),
    clockOffsetMs: orNull(Type.Number()),
    hostName: Text,
    enrolledAt: orNull(Time),
    certificateDaysLeft: orNull(Type.Number()),
    spool: orNull(Type.Object({ bytes: Type.Number(), batches: Type.Number(), droppedRecords: Type.Number() })),
    sources: Type.Array(SourceHealth),
  }),
);

export const nodeAnswers = {
  Enrollment: Type.Object({
    node: Text,
    certificate: Text,
    ca: Text,
    profileKey: Type.Optional(Type.String({ description: 'Public key, minisign, of profiles that are pushed.' })),
  }),
  NodeList: Type.Array(nodeRow),
  Inventory: Type.Object({ collectedAt: Time, facts: Type.Record(Type.String(), Type.Unknown()) }),
};
