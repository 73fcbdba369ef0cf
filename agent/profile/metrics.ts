import { Type } from 'typebox';
import { closed, createSection, Duration, Priority } from './section.ts';

/** CPU, memory, disks, filesystems, network, processes. */
export const metrics = createSection(
  closed({
    enabled: Type.Boolean(),
    /** Between two samples of all metrics of this node. */
    interval: Duration({ minimum: 1000 }),
    priority: Priority(),
  }),
  { enabled: false, interval: 10_000, priority: 'normal' },
);
