import { Type } from 'typebox';
import { closed, createSection, Priority } from './section.ts';

/** The systemd journal. */
export const journal = createSection(closed({ enabled: Type.Boolean({ reach: 'logs' }), priority: Priority() }), {
  enabled: false,
  priority: 'normal',
});
