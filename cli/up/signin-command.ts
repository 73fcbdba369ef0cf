import { defaultDataDir } from '../../config/environment.ts';

/** The command that makes a new sign-in link, to be pasted into a second terminal as it stands. */
export function signinCommand(dataDir: string): string {
  const command = 'npx sextant token create --signin';
  return dataDir === defaultDataDir() ? command : `${command} --data-dir ${shellWord(dataDir)}`;
}

/** A text as one word of a POSIX shell. */
const shellWord = (text: string): string =>
  /^[A-Za-z0-9_./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
