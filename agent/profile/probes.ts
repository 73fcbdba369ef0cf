import { Type } from 'typebox';
import { closed, createSection } from './section.ts';

/** What this node looks at from outside: endpoints, certificates, files, services. */
export const probes = createSection(closed({ enabled: Type.Boolean() }), { enabled: false });
