/** How a setting's text is read: the kind decides the parser, the unit and the check. */
export type SettingKind = 'text' | 'texts' | 'bytes' | 'duration' | 'integer' | 'port' | 'boolean';

interface Setting {
  kind: SettingKind;
  /** Bytes for `bytes`, milliseconds for `duration`. */
  default: string | number | boolean | readonly string[];
  min?: number;
  max?: number;
  /** The only values there are, for a `text` and the items of `texts`. */
  oneOf?: readonly string[];
  doc: string;
}

const MiB = 1024 * 1024;
const GiB = 1024 * MiB;
const second = 1000;
const day = 86_400 * second;

/**
 * Every setting there is, once. `sextant.yaml` nests the dotted names; bytes may be written `64MiB`, durations `30s`.
 * docs/configuration.md is generated from this table.
 */
export const settingsTable = {
  'site.name': { kind: 'text', default: 'site', doc: 'Name of the site; part of every bundle’s name.' },
  'log.level': {
    kind: 'text',
    default: 'info',
    oneOf: ['trace', 'debug', 'info', 'warn', 'error', 'silent'],
    doc: 'Level of the program’s own log.',
  },

  'collector.listen': {
    kind: 'text',
    default: '127.0.0.1',
    doc: 'Address that the collector listens on; 0.0.0.0 for all.',
  },
  'collector.port': { kind: 'port', default: 8443, doc: 'Port of dashboard, API, agents and their OTLP.' },
  'collector.names': {
    kind: 'texts',
    default: [],
    doc: 'DNS names and addresses that the server certificate must carry beside localhost and this host’s own.',
  },
  'collector.limits.requestBytes': {
    kind: 'bytes',
    default: 64 * MiB,
    min: 64 * 1024,
    max: GiB,
    doc: 'Largest OTLP request, before and after decompression.',
  },
  'collector.otlp.listen': {
    kind: 'text',
    default: '',
    doc: 'Address of the ports for OTLP from other programs; that of collector.listen when empty.',
  },
  'collector.otlp.http.enabled': {
    kind: 'boolean',
    default: false,
    doc: 'Takes OTLP/HTTP on a port of its own; docs/otlp.md says how to set up senders.',
  },
  'collector.otlp.http.port': { kind: 'port', default: 4318, doc: 'Port of OTLP/HTTP.' },
  'collector.otlp.grpc.enabled': { kind: 'boolean', default: false, doc: 'Takes OTLP/gRPC.' },
  'collector.otlp.grpc.port': { kind: 'port', default: 4317, doc: 'Port of OTLP/gRPC.' },
  'collector.otlp.plain': {
    kind: 'boolean',
    default: false,
    doc: 'OTLP without TLS and without proof of who sends; refused unless collector.otlp.listen is a loopback address.',
  },
  'collector.syslog.tls.enabled': {
    kind: 'boolean',
    default: false,
    doc: 'Takes syslog over TLS; docs/syslog.md says how to set up senders.',
  },
  'collector.syslog.tls.port': { kind: 'port', default: 6514, doc: 'Port of syslog over TLS.' },
  'collector.syslog.tcp.enabled': {
    kind: 'boolean',
    default: false,
    doc: 'Takes syslog over plain TCP, which anybody on the way can read and change.',
  },
  'collector.syslog.tcp.port': { kind: 'port', default: 514, doc: 'Port of syslog over plain TCP.' },
  'collector.syslog.udp.enabled': {
    kind: 'boolean',
    default: false,
    doc: 'Takes syslog over UDP, which anybody can forge and which loses messages.',
  },
  'collector.syslog.udp.port': { kind: 'port', default: 514, doc: 'Port of syslog over UDP.' },
  'collector.syslog.peers': {
    kind: 'texts',
    default: [],
    doc: 'Who may send syslog beside enrolled nodes: `[NAME=]ADDRESS`, `[NAME=]NETWORK/BITS`, `NAME=sha256:FINGERPRINT`.',
  },
  'collector.syslog.zone': {
    kind: 'text',
    default: 'UTC',
    doc: 'Time zone of syslog times that tell none, such as Europe/Berlin.',
  },
  'collector.syslog.maxMessageBytes': {
    kind: 'bytes',
    default: 64 * 1024,
    min: 2048,
    max: MiB,
    doc: 'A longer syslog message is cut and marked.',
  },
  'collector.syslog.maxConnections': {
    kind: 'integer',
    default: 256,
    min: 1,
    max: 4096,
    doc: 'Syslog connections at once, for TLS and plain TCP each.',
  },
  'collector.syslog.idleTimeout': {
    kind: 'duration',
    default: day,
    min: second,
    max: 20 * day,
    doc: 'A syslog connection that says nothing for this long is closed.',
  },
  'collector.syslog.silentAfter': {
    kind: 'duration',
    default: 3600 * second,
    min: second,
    doc: 'A syslog peer that has said nothing for this long is silent, and an alert says so.',
  },
  'collector.journal.closeAfter': {
    kind: 'duration',
    default: second,
    min: 50,
    max: 60 * second,
    doc: 'A journal file is handed to storage after this long, one of metrics after three times as long.',
  },
  'collector.journal.closeAfterBytes': {
    kind: 'bytes',
    default: 8 * MiB,
    min: 64 * 1024,
    max: 256 * MiB,
    doc: '… or when it has grown to this size.',
  },
  'collector.journal.maxBacklogBytes': {
    kind: 'bytes',
    default: 2 * GiB,
    min: 16 * MiB,
    doc: 'Acknowledged bytes that storage has not taken yet; above it senders get 429.',
  },
  'collector.storage.minFreeBytes': {
    kind: 'bytes',
    default: GiB,
    min: 0,
    doc: 'Free space floor of the data folder; below it senders get 503 and the oldest day of the largest class goes.',
  },
  'storage.url': {
    kind: 'text',
    default: '',
    doc: 'URL of a ClickHouse server, https://host:8443; the engine in the process when empty. docs/clickhouse.md.',
  },
  'storage.database': {
    kind: 'text',
    default: 'sextant',
    doc: 'Database of that server; it must be there, and belong to this collector alone.',
  },
  'storage.user': { kind: 'text', default: 'sextant', doc: 'User of that server.' },
  'storage.passwordFile': {
    kind: 'text',
    default: '',
    doc: 'File with the user’s password, readable by its owner alone (0600).',
  },
  'storage.caFile': {
    kind: 'text',
    default: '',
    doc: 'File with the authority of the server’s certificate, PEM; the system’s authorities when empty.',
  },
  'storage.cluster': {
    kind: 'text',
    default: '',
    doc: 'Name of the cluster, as the server’s configuration has it; a single server when empty.',
  },
  'collector.storage.maxBytes': {
    kind: 'bytes',
    default: 0,
    min: 0,
    doc: 'Stored telemetry above this: the oldest day of the largest class goes, then senders get 503; 0 for no cap.',
  },
  'collector.retention.logs': { kind: 'duration', default: 30 * day, min: day, doc: 'Age at which logs are dropped.' },
  'collector.retention.metrics': {
    kind: 'duration',
    default: 30 * day,
    min: day,
    doc: 'Age at which metric samples are dropped.',
  },
  'collector.retention.traces': {
    kind: 'duration',
    default: 7 * day,
    min: day,
    doc: 'Age at which traces are dropped.',
  },
  'collector.retention.rollups': {
    kind: 'duration',
    default: 400 * day,
    min: 7 * day,
    doc: 'Age at which the 5-minute and 1-hour rollups of metrics are dropped, in whole weeks.',
  },
  'collector.nodes.silentAfter': {
    kind: 'duration',
    default: 30 * second,
    min: second,
    doc: 'A node that has said nothing for this long is silent.',
  },
  'collector.metrics.interval': {
    kind: 'duration',
    default: 10 * second,
    min: second,
    doc: 'Interval between samples of the collector’s own metrics.',
  },
  'collector.alerts.evaluateEvery': {
    kind: 'duration',
    default: 10 * second,
    min: second,
    doc: 'Interval between evaluations of the alert rules.',
  },
  'collector.bundles.nodeDeadline': {
    kind: 'duration',
    default: 600 * second,
    min: second,
    doc: 'How long a node may gather for a bundle before it counts as timed out.',
  },
  'collector.bundles.keep': {
    kind: 'integer',
    default: 20,
    min: 1,
    max: 10_000,
    doc: 'How many finished bundles the collector keeps of each kind: asked for, scheduled, by alerts. docs/bundles.md.',
  },
  'collector.bundles.maxBytes': {
    kind: 'bytes',
    default: 20 * GiB,
    min: MiB,
    doc: 'How many bytes they may have together; the newest is kept whatever its size.',
  },
  'collector.bundles.limits.total': {
    kind: 'bytes',
    default: 0,
    min: 0,
    doc: 'How much content a bundle may have before compression, all sources together; what writes much is cut for what writes little. 0 for no limit. docs/bundles.md.',
  },
  'collector.bundles.limits.files': {
    kind: 'bytes',
    default: 0,
    min: 0,
    doc: 'How much of that may be files of nodes; 0 for no limit.',
  },
  'collector.bundles.limits.commands': {
    kind: 'bytes',
    default: 0,
    min: 0,
    doc: 'How much of it may be what commands print; 0 for no limit.',
  },
  'collector.bundles.limits.journal': {
    kind: 'bytes',
    default: 0,
    min: 0,
    doc: 'How much of it may be the systemd journals of nodes; 0 for no limit.',
  },
  'collector.bundles.limits.logs': {
    kind: 'bytes',
    default: 0,
    min: 0,
    doc: 'How much of it may be logs that the collector has stored; 0 for no limit.',
  },
  'collector.bundles.limits.metrics': {
    kind: 'bytes',
    default: 0,
    min: 0,
    doc: 'How much of it may be metrics that the collector has stored; 0 for no limit.',
  },
  'collector.bundles.alerts.perDay': {
    kind: 'integer',
    default: 4,
    min: 0,
    max: 1000,
    doc: 'How many bundles alerts may ask for within a day, all rules together; 0 for none. docs/bundles.md.',
  },
  'collector.bundles.alerts.every': {
    kind: 'duration',
    default: 6 * 3600 * second,
    min: 60 * second,
    doc: 'How long one alert rule waits before it asks for another bundle.',
  },
  'collector.bundles.recipients': {
    kind: 'texts',
    default: [],
    doc: 'age recipients (age1…) that can open the bundles: at least two, or none and bundles are not encrypted. docs/redaction.md.',
  },

  'media.devices': {
    kind: 'texts',
    default: [],
    doc: 'Serial numbers and volume ids, as `sextant drives` shows them, of the media that bundles may be exported to; when empty, any by the command and none over the API.',
  },
  'media.approvers': {
    kind: 'texts',
    default: [],
    doc: 'Who may approve an export: `NAME=KEY` with a minisign public key, or `NAME` alone for approval over the API; docs/media.md.',
  },
  'media.approvals': {
    kind: 'integer',
    default: 0,
    min: 0,
    max: 10,
    doc: 'How many of media.approvers, other than the person who exports, must have signed or approved a bundle before it is exported; 1 for two persons.',
  },

  'agent.collector': { kind: 'text', default: '', doc: 'URL of the collector, https://host:8443.' },
  'agent.node': { kind: 'text', default: '', doc: 'Name of this node; the host name when empty.' },
  'agent.profile': {
    kind: 'texts',
    default: [],
    doc: 'Profiles that say what is collected, names in profiles/ or paths, later ones over earlier ones; the platform’s own (linux or windows) when empty. docs/profiles.md has the rules.',
  },
  'agent.profiles.pushed': {
    kind: 'boolean',
    default: true,
    doc: 'Takes profiles that the collector pushes, as far as docs/profiles.md says.',
  },
  'agent.profiles.allowPushed': {
    kind: 'texts',
    default: [],
    oneOf: ['programs', 'files', 'network', 'logs'],
    doc: 'What pushed profiles may make this node do beyond its own profile: programs, files, network, logs. Nothing of it when empty.',
  },
  'agent.metrics.interval': {
    kind: 'duration',
    default: 0,
    min: 0,
    doc: 'Interval between metric samples; 0 for that of the profile.',
  },
  'agent.files.follow': { kind: 'texts', default: [], doc: 'Globs of files to follow, beside those of the profile.' },
  'agent.files.pollEvery': {
    kind: 'duration',
    default: 250,
    min: 20,
    doc: 'How often followed files are looked at for growth.',
  },
  'agent.files.maxLineBytes': {
    kind: 'bytes',
    default: 256 * 1024,
    min: 1024,
    max: 4 * MiB,
    doc: 'A longer line is split and marked.',
  },
  'agent.spool.maxBytes': {
    kind: 'bytes',
    default: GiB,
    min: 8 * MiB,
    doc: 'Cap of what waits for the collector; above it the oldest is dropped and counted.',
  },
  'agent.spool.minFreeBytes': {
    kind: 'bytes',
    default: 512 * MiB,
    min: 0,
    doc: 'Free space that the spool leaves on its filesystem.',
  },
  'agent.spool.segmentBytes': {
    kind: 'bytes',
    default: 4 * MiB,
    min: 64 * 1024,
    max: 64 * MiB,
    doc: 'Size at which a spool segment is closed.',
  },
  'agent.ring.days': {
    kind: 'integer',
    default: 7,
    min: 0,
    max: 366,
    doc: 'Days for which a node keeps what the collector has taken, for `sextant agent collect`; 0 for no such ring. docs/fallback.md.',
  },
  'agent.ring.maxBytes': {
    kind: 'bytes',
    default: 256 * MiB,
    min: 0,
    doc: 'Size of that ring. Half of it holds everything; what is older is thinned to warnings and one metric sample a minute.',
  },
  'agent.ring.keep': {
    kind: 'texts',
    default: [],
    doc: 'Globs of log scopes, event channels, systemd units and file paths of which thinning leaves all.',
  },
  'agent.collect.afterSilence': {
    kind: 'duration',
    default: day,
    min: 0,
    doc: 'When the collector has not been heard of for this long, the node writes a bundle by itself, once; 0 for never.',
  },
  'agent.collect.every': {
    kind: 'duration',
    default: 0,
    min: 0,
    doc: 'The node writes a bundle of its own this often, and after a downtime the one that is due; 0 for never.',
  },
  'agent.collect.window': {
    kind: 'duration',
    default: 4 * 3600 * second,
    min: 60 * second,
    doc: 'How far back those bundles reach; one after a silence begins this long before the collector was last heard of.',
  },
  'agent.collect.keep': {
    kind: 'integer',
    default: 3,
    min: 1,
    max: 1000,
    doc: 'How many of those bundles a node keeps, the newest.',
  },
  'agent.collect.maxBytes': {
    kind: 'bytes',
    default: GiB,
    min: MiB,
    doc: 'How many bytes they may have together; the newest is kept whatever its size.',
  },
  'agent.batch.maxBytes': {
    kind: 'bytes',
    default: MiB,
    min: 16 * 1024,
    max: 16 * MiB,
    doc: 'A batch is cut at about this size.',
  },
  'agent.batch.maxAge': {
    kind: 'duration',
    default: 200,
    min: 10,
    doc: 'A batch is cut when its oldest record is this old.',
  },
  'agent.limits.memory': {
    kind: 'bytes',
    default: 256 * MiB,
    min: 96 * MiB,
    doc: 'Memory that the agent keeps below by doing less, as docs/agent-limits.md describes; also its cgroup’s memory.high.',
  },
  'agent.limits.cpu': {
    kind: 'integer',
    default: 100,
    min: 5,
    max: 6400,
    doc: 'Processor time that the agent may take, in percent of one processor, where the operating system lets it be set.',
  },
  'agent.uplink.maxBackoff': {
    kind: 'duration',
    default: 30 * second,
    min: second,
    doc: 'Longest pause between two tries to reach the collector.',
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof settingsTable;

type Value<K extends SettingKind> = K extends 'texts'
  ? readonly string[]
  : K extends 'text'
    ? string
    : K extends 'boolean'
      ? boolean
      : number;

/** Parsed and frozen; bytes and milliseconds are numbers. */
export type Settings = { readonly [N in SettingName]: Value<(typeof settingsTable)[N]['kind']> };
