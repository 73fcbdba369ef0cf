import { type Static, Type } from 'typebox';
import { bundle } from './bundle.ts';
import { cluster } from './cluster.ts';
import { counters } from './counters.ts';
import { eventLog } from './event-log.ts';
import { files } from './files.ts';
import { hardware } from './hardware.ts';
import { hyperv } from './hyperv.ts';
import { journal } from './journal.ts';
import { metrics } from './metrics.ts';
import { probes } from './probes.ts';
import { closed } from './section.ts';

/** Every section of a profile, one file each. */
const sections = { metrics, hardware, journal, files, eventLog, counters, cluster, hyperv, probes, bundle };
export type SectionName = keyof typeof sections;
export const sectionNames = Object.keys(sections) as readonly SectionName[];

/** What holds where no profile says anything: nothing is collected. */
export const profileDefaults = Object.fromEntries(
  Object.entries(sections).map(([name, { defaults }]) => [name, defaults]),
);

/** What one machine is asked for, once all layers are merged: data in profiles/*.yaml, never code. */
export const Profile = closed({
  /** Names of the profiles in effect, joined with a plus sign. */
  name: Type.String({ minLength: 1 }),
  description: Type.String(),
  metrics: metrics.schema,
  hardware: hardware.schema,
  journal: journal.schema,
  files: files.schema,
  eventLog: eventLog.schema,
  counters: counters.schema,
  cluster: cluster.schema,
  hyperv: hyperv.schema,
  probes: probes.schema,
  bundle: bundle.schema,
});
export type Profile = Static<typeof Profile>;
