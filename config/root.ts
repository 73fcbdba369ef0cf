import { findPackageJSON } from 'node:module';
import { dirname } from 'node:path';

const manifest = findPackageJSON('.', import.meta.url);
if (manifest === undefined) throw new Error('BUG: there is no package.json above this program');

/** The folder that holds `profiles/` and all else that comes with Sextant, for the sources and for a bundle of them. */
export const root = dirname(manifest);
