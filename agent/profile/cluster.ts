import { Type } from 'typebox';
import { closed, createSection } from './section.ts';

/** A Windows failover cluster and its storage. */
export const cluster = createSection(closed({ enabled: Type.Boolean() }), { enabled: false });
