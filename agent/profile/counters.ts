import { Type } from 'typebox';
import { closed, createSection } from './section.ts';

/** Windows performance counters. */
export const counters = createSection(closed({ enabled: Type.Boolean() }), { enabled: false });
