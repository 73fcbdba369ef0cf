import { Type } from 'typebox';
import type { QuarantinedBatch } from '../../../journal/quarantine-box.ts';
import type { AuditEntry } from '../../../state/audit.ts';
import type { StorageUsage } from '../../../upkeep/storage.ts';
import type { UpkeepState } from '../../../upkeep/upkeep.ts';
import { names, same, Text, Time } from './schema.ts';

const Quarantined = same<QuarantinedBatch>()(
  Type.Object({
    name: Text,
    signal: Text,
    reason: Text,
    quarantinedAt: Text,
    bytes: Type.Number(),
    node: Text,
    stream: Text,
    sequence: Text,
  }),
);

export const upkeepAnswers = {
  StorageUsage: same<StorageUsage>()(
    Type.Object({
      tables: Type.Array(Type.Object({ table: Text, rows: Type.Number(), bytes: Type.Number(), parts: Type.Number() })),
      days: Type.Array(Type.Object({ table: Text, day: Text, rows: Type.Number(), bytes: Type.Number() })),
      nodes: Type.Array(Type.Object({ node: Text, rows: Type.Number(), bytes: Type.Number() })),
    }),
  ),
  UpkeepState: same<UpkeepState>()(
    Type.Object({
      task: names(['backup', 'check', 'compact']),
      state: names(['running', 'done', 'failed']),
      startedAt: Time,
      progress: Text,
      report: Type.Array(Text),
      faults: Type.Array(Text),
      error: Text,
    }),
  ),
  QuarantinedBatches: Type.Array(Quarantined),
  QuarantinedContent: Type.Intersect([Quarantined, Type.Object({ texts: Type.Array(Text) })]),
  AuditEntries: same<AuditEntry[]>()(
    Type.Array(Type.Object({ at: Time, event: Text, who: Text, details: Type.Record(Type.String(), Type.Unknown()) })),
  ),
};
