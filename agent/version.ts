import packageJson from '../package.json' with { type: 'json' };

/** Version of this program. */
export const sextantVersion: string = packageJson.version;
