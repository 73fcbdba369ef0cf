import { Type } from 'typebox';
import { closed, createSection } from './section.ts';

/** Sensors, power supplies, memory errors, disk health. */
export const hardware = createSection(closed({ enabled: Type.Boolean() }), { enabled: false });
