import { Type } from 'typebox';
import { closed, createSection, Duration } from './section.ts';

/** A Windows failover cluster and its storage. */
export const cluster = createSection(
  closed({
    /** Asked through PowerShell. */
    enabled: Type.Boolean({ reach: 'programs' }),
    /** Nodes, groups, volumes, pools, disks, jobs. */
    every: Duration({ minimum: 30_000 }),
    /** Faults of the Health Service, which itself looks every few minutes. */
    faultsEvery: Duration({ minimum: 30_000 }),
    /** Reads once what Windows remembers of use and capacity. */
    history: Type.Boolean(),
  }),
  { enabled: false, every: 60_000, faultsEvery: 60_000, history: true },
);
