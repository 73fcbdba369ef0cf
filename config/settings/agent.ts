import { longestWaitMs } from '../longest-wait.ts';
import type { Setting } from './setting.ts';

const MiB = 1024 * 1024;
const GiB = 1024 * 1024 * 1024;
const second = 1000;
const day = 86_400_000;

/** What the agent on a node goes by. */
export const agentSettings = {
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
    max: longestWaitMs,
    doc: 'Interval between metric samples; 0 for that of the profile.',
  },
  'agent.files.follow': { kind: 'globs', default: [], doc: 'Globs of files to follow, beside those of the profile.' },
  'agent.files.pollEvery': {
    kind: 'duration',
    default: 250,
    min: 20,
    max: 3600 * second,
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
    kind: 'globs',
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
    max: longestWaitMs,
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
    max: longestWaitMs,
    doc: 'Longest pause between two tries to reach the collector.',
  },
} as const satisfies Record<string, Setting>;
