import { join } from 'node:path';
import { pushedFolder } from '../pushed/held-file.ts';

/** The node's own layers as an agent last read them without fault. */
export const keptFile = (dataDir: string): string => join(pushedFolder(dataDir), 'local.json');
