import { type Static, Type } from 'typebox';

/**
 * The control stream: a WebSocket that the agent opens to `/agent/v1/control` with its client certificate.
 * Every message is one JSON object with a `type`; both sides validate with these schemas and close on anything else.
 */

/** State of one source of an agent, as shown in collection health. */
export const SourceHealth = Type.Object({
  name: Type.String({ maxLength: 128 }),
  state: Type.Union([
    Type.Literal('starting'),
    Type.Literal('running'),
    Type.Literal('absent'),
    Type.Literal('failing'),
  ]),
  /** Milliseconds since the Unix epoch of the last record or sample; absent when there was none yet. */
  lastRecordUnixMs: Type.Optional(Type.Number()),
  records: Type.Number(),
  dropped: Type.Number(),
  /** Times that it was made anew since the agent started; absent when never. */
  restarts: Type.Optional(Type.Number()),
  detail: Type.Optional(Type.String({ maxLength: 1024 })),
});
export type SourceHealth = Static<typeof SourceHealth>;

export const Hello = Type.Object({
  type: Type.Literal('hello'),
  version: Type.String({ maxLength: 64 }),
  hostName: Type.String({ maxLength: 255 }),
  os: Type.String({ maxLength: 255 }),
  bootUnixMs: Type.Number(),
});

export const Heartbeat = Type.Object({
  type: Type.Literal('heartbeat'),
  sentUnixMs: Type.Number(),
  /** Offset of the agent's clock against the collector's, as the agent measured it; positive when the agent is ahead. */
  clockOffsetMs: Type.Optional(Type.Number()),
  spool: Type.Object({ bytes: Type.Number(), batches: Type.Number(), droppedRecords: Type.Number() }),
  sources: Type.Array(SourceHealth, { maxItems: 1000 }),
});

/** Slow-moving facts about a node (hardware, system, network, disks), sent at start and once a day. */
export const Inventory = Type.Object({
  type: Type.Literal('inventory'),
  collectedUnixMs: Type.Number(),
  facts: Type.Record(Type.String(), Type.Unknown()),
});

/** Where a figure of size is from that was told before there was the content. */
const SizeBasis = Type.Union([
  Type.Literal('measured'),
  Type.Literal('sampled'),
  Type.Literal('last-run'),
  Type.Literal('declared'),
  Type.Literal('guess'),
]);

/** The longest elapsed time that is told, in milliseconds; no deadline is as long. */
export const longestElapsedMs = 2 ** 31;

/**
 * Progress of one item of a running bundle job; sent at every change of state, when it is found out how much there will be,
 * and at most once a second between.
 */
export const GatherProgress = Type.Object({
  type: Type.Literal('gather-progress'),
  bundleId: Type.String({ maxLength: 64 }),
  source: Type.String({ maxLength: 256 }),
  state: Type.Union([
    Type.Literal('waiting'),
    Type.Literal('running'),
    Type.Literal('ok'),
    Type.Literal('partial'),
    Type.Literal('timeout'),
    Type.Literal('denied'),
    Type.Literal('rotated-away'),
    Type.Literal('absent'),
    Type.Literal('failed'),
  ]),
  bytes: Type.Number(),
  /** What has come of what it is made of; absent where nothing is counted. */
  records: Type.Optional(
    Type.Object({
      count: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
      of: Type.Union([Type.Literal('files'), Type.Literal('entries'), Type.Literal('keys')]),
    }),
  ),
  /** Since its turn came, until now or its end; absent before. Older agents do not tell it. */
  elapsedMs: Type.Optional(Type.Number({ minimum: 0, maximum: longestElapsedMs })),
  /** What it is expected to bring, redacted or nearly so; absent where nobody knows. */
  expected: Type.Optional(
    Type.Object({ bytes: Type.Number({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }), basis: SizeBasis }),
  ),
  firstUnixMs: Type.Optional(Type.Number()),
  lastUnixMs: Type.Optional(Type.Number()),
  reason: Type.Optional(Type.String({ maxLength: 2048 })),
  /** Of the window, that a size limit left out. */
  leftOutBytes: Type.Optional(Type.Number()),
  /** Rule of redaction → how many values of this item it replaced. */
  masked: Type.Optional(Type.Record(Type.String({ maxLength: 64 }), Type.Number())),
});
export type GatherProgress = Static<typeof GatherProgress>;

/** A name that has a pseudonym in bundles. */
export const RedactedName = Type.Object({
  kind: Type.Union([Type.Literal('host'), Type.Literal('user'), Type.Literal('domain'), Type.Literal('guid')]),
  name: Type.String({ minLength: 1, maxLength: 255 }),
});
export type RedactedName = Static<typeof RedactedName>;

/** The node has gathered, sealed and uploaded all its volumes (or failed to, with a reason). */
export const GatherDone = Type.Object({
  type: Type.Literal('gather-done'),
  attempt: Type.Integer({ minimum: 1 }),
  bundleId: Type.String({ maxLength: 64 }),
  volumes: Type.Array(
    Type.Object({
      name: Type.String({ maxLength: 128 }),
      bytes: Type.Number(),
      sha512: Type.String({ maxLength: 128 }),
    }),
    { maxItems: 4096 },
  ),
  error: Type.Optional(Type.String({ maxLength: 2048 })),
  /** The second scan found something: no bundle may come of this job. */
  leak: Type.Optional(Type.Boolean()),
  /** Names that got a pseudonym and that the collector may not have known. */
  names: Type.Optional(Type.Array(RedactedName, { maxItems: 5000 })),
});

/** How much one item of a profile would take in a bundle. */
export const EstimatedItem = Type.Object({
  source: Type.String({ maxLength: 256 }),
  /** As of a bundle's sources; `ok` when it would be taken. */
  state: Type.Union([
    Type.Literal('ok'),
    Type.Literal('partial'),
    Type.Literal('timeout'),
    Type.Literal('denied'),
    Type.Literal('absent'),
    Type.Literal('failed'),
  ]),
  kind: Type.Union([Type.Literal('files'), Type.Literal('commands'), Type.Literal('journal')]),
  /** Of content, redacted. */
  bytes: Type.Number({ minimum: 0 }),
  /** The same as it lies in a volume. */
  packedBytes: Type.Number({ minimum: 0 }),
  /** Where the figure is from. */
  basis: SizeBasis,
  reason: Type.Optional(Type.String({ maxLength: 1024 })),
});
export type EstimatedItem = Static<typeof EstimatedItem>;

/** What the node would gather. */
export const EstimateDone = Type.Object({
  type: Type.Literal('estimate-done'),
  estimateId: Type.String({ maxLength: 64 }),
  items: Type.Array(EstimatedItem, { maxItems: 2000 }),
  error: Type.Optional(Type.String({ maxLength: 2048 })),
});
export type EstimateDone = Static<typeof EstimateDone>;

/** What became of the pushed profiles on this node; sent at each connection and after each change. */
export const ProfileReport = Type.Object({
  type: Type.Literal('profile-report'),
  /** The key that this node believes; absent before there is one. */
  keyId: Type.Optional(Type.String({ maxLength: 16 })),
  /** Why nothing of what the collector offers is taken. */
  error: Type.Optional(Type.String({ maxLength: 2048 })),
  /** Names of the layers of the node's own profile, which pushed ones can be for; older agents do not tell them. */
  roles: Type.Optional(Type.Array(Type.String({ maxLength: 255 }), { maxItems: 200 })),
  /** One that was refused stands beside the earlier version that holds on. */
  profiles: Type.Array(
    Type.Object({
      name: Type.String({ maxLength: 64 }),
      version: Type.Number(),
      state: Type.Union([
        Type.Literal('applied'),
        Type.Literal('not-for-this-node'),
        Type.Literal('expired'),
        Type.Literal('refused'),
        Type.Literal('withdrawn'),
      ]),
      reason: Type.Optional(Type.String({ maxLength: 2048 })),
    }),
    { maxItems: 200 },
  ),
});
export type ProfileReport = Static<typeof ProfileReport>;

export const AgentMessage = Type.Union([
  Hello,
  Heartbeat,
  Inventory,
  GatherProgress,
  GatherDone,
  EstimateDone,
  ProfileReport,
]);
export type AgentMessage = Static<typeof AgentMessage>;

export const HeartbeatReply = Type.Object({
  type: Type.Literal('heartbeat-reply'),
  /** The heartbeat's own `sentUnixMs`, so that the agent can take the round trip out. */
  sentUnixMs: Type.Number(),
  collectorUnixMs: Type.Number(),
});

const SiteNameMessage = Type.Object({
  kind: Type.Union([Type.Literal('host'), Type.Literal('user'), Type.Literal('domain')]),
  name: Type.String({ minLength: 1, maxLength: 255 }),
});

/** The most bytes that one source of a class may bring; what is absent is not limited. */
const SourceMaxBytes = Type.Object({
  files: Type.Optional(Type.Number()),
  commands: Type.Optional(Type.Number()),
  journal: Type.Optional(Type.Number()),
});

/**
 * Classes of content to take; absent: all, empty: none. An agent that does not know one refuses the message, and coverage has
 * it as a node that did not answer.
 */
const Classes = Type.Optional(
  Type.Array(Type.Union([Type.Literal('files'), Type.Literal('commands'), Type.Literal('journal')]), { maxItems: 3 }),
);

export const GatherRequest = Type.Object({
  type: Type.Literal('gather'),
  bundleId: Type.String({ maxLength: 64 }),
  /** Which time the collector makes this bundle: what a node delivered to one that a restart broke off is gone. */
  attempt: Type.Integer({ minimum: 1 }),
  fromUnixMs: Type.Number(),
  untilUnixMs: Type.Number(),
  /** Names of roles in the node's profile; empty means all. */
  roles: Type.Array(Type.String({ maxLength: 64 }), { maxItems: 64 }),
  classes: Classes,
  deadlineMs: Type.Number(),
  sourceMaxBytes: Type.Optional(SourceMaxBytes),
  /** Hexadecimal key of the site's marks and pseudonyms, so that they are the same on every node. */
  redactionKey: Type.Optional(Type.String({ pattern: '^[0-9a-f]{64}$' })),
  /** `standard` when absent. */
  redaction: Type.Optional(Type.Union([Type.Literal('none'), Type.Literal('standard'), Type.Literal('strict')])),
  /** Names of the site that are to be replaced wherever they stand. */
  names: Type.Optional(Type.Array(SiteNameMessage, { maxItems: 5000 })),
  /** Asks for what cannot be redacted too, encrypted on the node to these (`age1…`); absent: nothing of it is taken. */
  raw: Type.Optional(Type.Object({ recipients: Type.Array(Type.String({ maxLength: 128 }), { maxItems: 64 }) })),
});
export type GatherRequest = Static<typeof GatherRequest>;

export const GatherCancel = Type.Object({
  type: Type.Literal('gather-cancel'),
  bundleId: Type.String({ maxLength: 64 }),
});

/** Asks what a gather with the same window and roles would bring; the node takes nothing and changes nothing. */
export const EstimateRequest = Type.Object({
  type: Type.Literal('estimate'),
  estimateId: Type.String({ maxLength: 64 }),
  fromUnixMs: Type.Number(),
  untilUnixMs: Type.Number(),
  roles: Type.Array(Type.String({ maxLength: 64 }), { maxItems: 64 }),
  classes: Classes,
  deadlineMs: Type.Number(),
  sourceMaxBytes: Type.Optional(SourceMaxBytes),
  redaction: Type.Optional(Type.Union([Type.Literal('none'), Type.Literal('standard'), Type.Literal('strict')])),
  /** What cannot be redacted too. */
  raw: Type.Optional(Type.Boolean()),
});
export type EstimateRequest = Static<typeof EstimateRequest>;

/** There are profiles to ask for at `GET /agent/v1/profiles`; sent at each connection and after each change. */
export const ProfilesNotice = Type.Object({
  type: Type.Literal('profiles'),
  /** Names what is offered: the same tag, the same answer. */
  tag: Type.String({ maxLength: 64 }),
});

export const CollectorMessage = Type.Union([
  HeartbeatReply,
  GatherRequest,
  GatherCancel,
  EstimateRequest,
  ProfilesNotice,
]);
export type CollectorMessage = Static<typeof CollectorMessage>;
