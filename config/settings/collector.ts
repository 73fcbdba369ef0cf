import { longestWaitMs } from '../longest-wait.ts';
import type { Setting } from './setting.ts';

const MiB = 1024 * 1024;
const GiB = 1024 * 1024 * 1024;
const second = 1000;
const day = 86_400_000;

/** What the collector and its storage go by. */
export const collectorSettings = {
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
    max: longestWaitMs,
    doc: 'Interval between samples of the collector’s own metrics.',
  },
  'collector.alerts.evaluateEvery': {
    kind: 'duration',
    default: 10 * second,
    min: second,
    max: longestWaitMs,
    doc: 'Interval between evaluations of the alert rules.',
  },
  'collector.bundles.nodeDeadline': {
    kind: 'duration',
    default: 600 * second,
    min: second,
    max: longestWaitMs,
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
} as const satisfies Record<string, Setting>;
