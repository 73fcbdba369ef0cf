import { type Static, type TSchema, Type } from 'typebox';
import { SourceHealth } from '../../../protocol/control.ts';
import type { QuarantinedBatch } from '../../journal/quarantine-box.ts';
import type { AuditEntry } from '../../state/audit.ts';
import type { StorageUsage } from '../../upkeep/storage.ts';
import type { UpkeepState } from '../../upkeep/upkeep.ts';
import {
  type AlertRow,
  type ApiError,
  type BundleEstimate,
  type BundleJob,
  type BundleScheduleRow,
  type BundleState,
  bundleOrigins,
  type DriveRow,
  type ExportJob,
  exportStates,
  type FieldFacet,
  type LogContext,
  type LogHistogram,
  type LogPage,
  type LogRow,
  type MetricName,
  type MetricPoint,
  type MetricSeries,
  metricKinds,
  type NodeRow,
  type ProfileKeyInfo,
  type PushedProfileList,
  type PushedProfileRow,
  type PushedProfileText,
  type RevealedPseudonym,
  type SessionInfo,
  type Severity,
  type SqlAnswer,
  severities,
  type TokenRow,
} from '../shapes.ts';

/**
 * What the API answers, as schemas. The shapes that programs import and these must say the same: the compiler refuses
 * a schema whose type differs.
 */
const same =
  <Shape>() =>
  <Schema extends TSchema>(
    schema: Schema &
      ([Static<Schema>, Shape, keyof Shape] extends [Shape, Static<Schema>, keyof Static<Schema>] ? unknown : never),
  ): Schema =>
    schema;

const names = <const Name extends string>(list: readonly Name[]) =>
  Type.Unsafe<Name>({ type: 'string', enum: [...list] });
const Text = Type.String();
const Time = Type.String({ description: 'RFC 3339, with nanoseconds where the source has them.' });
const Texts = Type.Record(Type.String(), Type.String());
const orNull = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);

const countsBySeverity = Type.Unsafe<Partial<Record<Severity, number>>>({
  type: 'object',
  properties: Object.fromEntries(severities.map((severity) => [severity, { type: 'number' }])),
});

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
const logRow = same<LogRow>()(
  Type.Object({
    timestamp: Time,
    node: Type.String({ description: 'As the sender’s certificate proves it.' }),
    severity: names(severities),
    body: Text,
    attributes: Texts,
    cursor: Type.Optional(Type.String({ description: 'Its place, for logs/context or to go on from.' })),
  }),
);
const metricPoint = same<MetricPoint>()(
  Type.Object({
    timestamp: Time,
    node: Text,
    value: Type.Number({ description: 'Of a histogram or summary the average of what it has observed.' }),
    unit: Text,
    attributes: Texts,
    distribution: Type.Optional(
      Type.Object({
        count: Type.Number(),
        sum: Type.Number(),
        buckets: Type.Optional(Type.Array(Type.Object({ upperBound: orNull(Type.Number()), count: Type.Number() }))),
        quantiles: Type.Optional(Type.Array(Type.Object({ quantile: Type.Number(), value: Type.Number() }))),
      }),
    ),
  }),
);
const alertRow = same<AlertRow>()(
  Type.Object({
    id: Text,
    rule: Text,
    severity: names(['warning', 'critical']),
    state: names(['pending', 'firing', 'resolved']),
    node: Text,
    subject: Type.String({ description: 'What it is about on that node, for example a mount point.' }),
    since: Time,
    resolvedAt: orNull(Time),
    value: Type.Number(),
    limit: Type.Number(),
    unit: Text,
    summary: Text,
    whatToDo: Text,
  }),
);
const bundleStates = names<BundleState>([
  ...(['waiting', 'gathering', 'writing', 'complete', 'partial', 'failed', 'cancelled'] as const),
]);
const bundleJob = same<BundleJob>()(
  Type.Object({
    id: Text,
    name: Text,
    state: bundleStates,
    from: Time,
    until: Time,
    createdAt: Time,
    finishedAt: orNull(Time),
    bytes: Type.Number(),
    path: orNull(Text),
    removedAt: orNull(Time),
    error: orNull(Text),
    origin: names(bundleOrigins),
    requestedBy: Text,
    nodes: Type.Array(Text),
    redaction: names(['none', 'standard', 'strict']),
    items: Type.Array(
      Type.Object({
        node: Text,
        source: Text,
        state: Text,
        bytes: Type.Number(),
        first: orNull(Time),
        last: orNull(Time),
        reason: orNull(Text),
      }),
    ),
  }),
);
const drive = {
  id: Type.String({ description: 'What an export is asked for with.' }),
  path: Text,
  model: orNull(Text),
  serial: orNull(Text),
  volumeId: orNull(Text),
  label: orNull(Text),
  filesystem: Text,
};
const driveRow = same<DriveRow>()(
  Type.Object({
    ...drive,
    device: Text,
    bus: Text,
    removable: Type.Boolean(),
    vendor: orNull(Text),
    totalBytes: orNull(Type.Number()),
    freeBytes: orNull(Type.Number()),
    refusal: orNull(Type.String({ description: 'Why nothing may be exported to it; null when it may.' })),
  }),
);
const exportJob = same<ExportJob>()(
  Type.Object({
    id: Text,
    bundle: Text,
    bundleName: Text,
    state: names(exportStates),
    drive: Type.Object(drive),
    requestedBy: Text,
    requestedAt: Time,
    approvalsNeeded: Type.Number(),
    approvals: Type.Array(Type.Object({ user: Text, at: Time })),
    resume: Type.Boolean(),
    split: Type.Boolean(),
    eject: Type.Boolean(),
    startedAt: orNull(Time),
    finishedAt: orNull(Time),
    progress: orNull(
      Type.Object({
        step: names(['copy', 'check', 'recheck']),
        part: Text,
        doneBytes: Type.Number(),
        totalBytes: Type.Number({ description: 'Of writing and reading back together.' }),
      }),
    ),
    reason: orNull(Type.String({ description: 'Why it waits, failed or was broken off.' })),
    nextStep: orNull(Text),
    missing: Type.Array(Text, { description: 'Parts that are on no medium yet.' }),
    receipt: orNull(
      Type.Object({
        exportId: Text,
        path: Text,
        parts: Type.Number(),
        bytes: Type.Number(),
        readBack: Type.Array(names(['direct', 'dropped', 'cached'])),
        interruptions: Type.Number(),
        ejected: Type.Array(Type.Object({ step: Text, done: Type.Boolean(), detail: Text })),
      }),
    ),
  }),
);
const bundleEstimate = same<BundleEstimate>()(
  Type.Object({
    from: Time,
    until: Time,
    nodes: Type.Array(
      Type.Object({
        node: Text,
        state: names(['estimated', 'unreachable', 'timeout', 'failed']),
        reason: orNull(Text),
      }),
    ),
    sources: Type.Array(
      Type.Object({
        node: Text,
        source: Text,
        kind: names(['files', 'commands', 'journal', 'logs', 'metrics', 'documents']),
        state: names(['ok', 'partial', 'timeout', 'denied', 'absent', 'failed']),
        bytes: Type.Number({ description: 'Of content, redacted.' }),
        packedBytes: Type.Number({ description: 'The same as it lies in a volume.' }),
        basis: names(['measured', 'sampled', 'last-run', 'declared', 'guess']),
        reason: orNull(Text),
      }),
    ),
    bytes: Type.Number(),
    packedBytes: Type.Number(),
  }),
);
const bundleSchedule = same<BundleScheduleRow>()(
  Type.Object({
    name: Text,
    cron: Type.String({ description: 'Minute, hour, day of the month, month, day of the week; UTC.' }),
    windowMs: Type.Number(),
    nodes: Type.Array(Text, { description: 'Empty: all.' }),
    roles: Type.Array(Text, { description: 'Empty: all.' }),
    redaction: names(['none', 'standard', 'strict']),
    createdBy: Text,
    createdAt: Time,
    nextRunAt: orNull(Time),
    lastRunAt: orNull(Time),
    lastBundle: orNull(Text),
    lastState: orNull(bundleStates),
    lastError: orNull(Text),
  }),
);

const pushedProfile = {
  name: Text,
  version: Type.Number(),
  state: names(['active', 'withdrawn', 'expired']),
  nodes: Type.Array(Text, { description: 'With roles empty too: every node.' }),
  roles: Type.Array(Text),
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

/** By the names that the description refers to. */
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

export const answers = {
  ApiError: same<ApiError>()(Type.Object({ error: Type.Object({ code: Text, message: Text, nextStep: Text }) })),
  Health: Type.Object({ ready: Type.Literal(true) }),
  SessionInfo: same<SessionInfo>()(
    Type.Object({
      user: Text,
      role: names(['viewer', 'administrator']),
      site: Text,
      version: Text,
      evidence: Type.Optional(
        Type.Object(
          {
            from: Time,
            until: Time,
            bundles: Type.Array(Type.Object({ name: Text, site: Text, from: Time, until: Time })),
          },
          { description: 'Only where bundles are shown instead of a live site.' },
        ),
      ),
    }),
  ),
  Token: Type.Object({ token: Text, expiresAt: Time }),
  TokenList: same<TokenRow[]>()(
    Type.Array(
      Type.Object({ id: Text, kind: Text, name: Text, role: Text, createdBy: Text, createdAt: Time, expiresAt: Time }),
    ),
  ),
  Enrollment: Type.Object({
    node: Text,
    certificate: Text,
    ca: Text,
    profileKey: Type.Optional(Type.String({ description: 'Public key, minisign, of profiles that are pushed.' })),
  }),
  NodeList: Type.Array(nodeRow),
  Inventory: Type.Object({ collectedAt: Time, facts: Type.Record(Type.String(), Type.Unknown()) }),
  LogRow: logRow,
  LogPage: same<LogPage>()(
    Type.Object({
      records: Type.Array(logRow),
      next: orNull(Type.String({ description: 'Cursor of the next page; null at the end.' })),
      rowsRead: Type.Number(),
      bytesRead: Type.Number(),
    }),
  ),
  LogContext: same<LogContext>()(
    Type.Object({ before: Type.Array(logRow), record: logRow, after: Type.Array(logRow) }),
  ),
  LogHistogram: same<LogHistogram>()(
    Type.Object({
      stepMs: Type.Number(),
      buckets: Type.Array(Type.Object({ timestamp: Time, counts: countsBySeverity })),
    }),
  ),
  FieldFacets: same<FieldFacet[]>()(
    Type.Array(Type.Object({ field: Text, values: Type.Array(Type.Object({ value: Text, count: Type.Number() })) })),
  ),
  MetricNames: same<MetricName[]>()(
    Type.Array(Type.Object({ name: Text, unit: Text, kind: names(metricKinds), description: Text })),
  ),
  MetricPoint: metricPoint,
  MetricPoints: Type.Array(metricPoint),
  MetricSeries: same<MetricSeries>()(
    Type.Object({
      name: Text,
      unit: Text,
      stepMs: Type.Number(),
      timestamps: Type.Array(Type.Number({ description: 'Unix milliseconds; one axis for all series.' })),
      series: Type.Array(Type.Object({ labels: Texts, values: Type.Array(orNull(Type.Number())) })),
    }),
  ),
  AlertList: Type.Array(alertRow),
  BundleEstimate: bundleEstimate,
  BundleJob: bundleJob,
  RevealedPseudonym: same<RevealedPseudonym>()(Type.Object({ pseudonym: Text, kind: Text, original: Text })),
  BundleList: Type.Array(bundleJob),
  Drives: Type.Array(driveRow),
  ExportJob: exportJob,
  ExportList: Type.Array(exportJob),
  BundleSchedule: bundleSchedule,
  BundleScheduleList: Type.Array(bundleSchedule),
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
      nodes: Type.Array(Type.Object({ node: Text, keyId: orNull(Text), error: orNull(Text), at: Time })),
    }),
  ),
  ProfileKey: same<ProfileKeyInfo>()(
    Type.Object({ keyId: Text, publicKey: Text, earlier: Type.Array(Text, { description: 'Oldest first.' }) }),
  ),
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
  SqlAnswer: same<SqlAnswer>()(
    Type.Object({
      columns: Type.Array(Type.Object({ name: Text, type: Text })),
      rows: Type.Array(Type.Record(Type.String(), Type.Unknown())),
      complete: Type.Boolean({ description: 'False when the limit left rows out.' }),
      rowsRead: Type.Number(),
      bytesRead: Type.Number(),
      elapsedMs: Type.Number(),
    }),
  ),
  Description: Type.Record(Type.String(), Type.Unknown(), { description: 'This description, OpenAPI 3.1.' }),
} as const satisfies Record<string, TSchema>;

export type AnswerName = keyof typeof answers;
