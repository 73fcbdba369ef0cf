import { Type } from 'typebox';
import { closed, createSection, Duration } from './section.ts';

/** Virtual machines of this host. */
export const hyperv = createSection(
  closed({
    /** Asked through PowerShell. */
    enabled: Type.Boolean({ reach: 'programs' }),
    every: Duration({ minimum: 30_000 }),
    /** Opens the file of each virtual hard disk. */
    disksEvery: Duration({ minimum: 60_000 }),
  }),
  { enabled: false, every: 60_000, disksEvery: 15 * 60_000 },
);
