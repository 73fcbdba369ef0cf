import { Type } from 'typebox';
import { closed, createSection, Duration, GlobSet, Priority } from './section.ts';

/** CPU, memory, disks, filesystems, network, processes. */
export const metrics = createSection(
  closed({
    enabled: Type.Boolean(),
    /** Between two samples of all metrics of this node. */
    interval: Duration({ minimum: 1000 }),
    priority: Priority(),
    processes: closed({
      /** So many processes by processor time, and so many by memory, are told of one by one. */
      top: Type.Integer({ minimum: 0, maximum: 50 }),
      /** Globs of names of processes that are told of always. */
      named: GlobSet(),
    }),
  }),
  { enabled: false, interval: 10_000, priority: 'normal', processes: { top: 5, named: [] } },
);
