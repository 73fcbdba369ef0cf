import { join } from 'node:path';

/** Folder of pushed profiles. */
export const pushedFolder = (dataDir: string): string => join(dataDir, 'agent', 'profiles');

/** What this node holds of them. */
export const heldFile = (dataDir: string): string => join(pushedFolder(dataDir), 'held.json');
