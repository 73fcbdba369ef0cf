import { Type } from 'typebox';
import { closed, createSection } from './section.ts';

/** Virtual machines of this host. */
export const hyperv = createSection(closed({ enabled: Type.Boolean() }), { enabled: false });
