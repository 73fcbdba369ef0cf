import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { LocalFault } from './fallback/fall-back.ts';
import type { Profile } from './profile.ts';
import type { PushedOutcome } from './pushed/layers.ts';

/** The profile that holds on this node, and what became of the pushed ones. */
export interface ReadProfile {
  profile: Profile;
  pushed: PushedOutcome[];
  /** Names of the node's own layers. */
  roles: string[];
  /** The node's own layers, to be kept; absent when they have a fault. */
  local?: string;
  /** What is wrong with them; the profile is then what can be gone on with. */
  fault?: LocalFault;
}

/** What read-profile.ts is asked. */
export interface ProfileQuestion {
  names: readonly string[];
  dataDir: string;
  /** With the pushed profiles in this file, as far as they prove themselves from this key. */
  pushed?: { file: string; believedKey: string | undefined; node: string; allowed: readonly string[] };
}

/** Beside this file, among the sources as in the bundle, where both end in `.js`. */
const besideThis = join(import.meta.dirname, `read-profile${extname(import.meta.filename)}`);
/** Where all is one file, as in the package for Windows, the program asks itself. */
const program = existsSync(besideThis) ? [besideThis] : [import.meta.filename, 'agent', 'read-profile'];
const maxAnswerBytes = 16 * 1024 * 1024;

/**
 * The effective profile, read in a process of its own: the libraries for YAML and schemas are memory that an agent needs
 * at its start and when a profile is pushed. Where no process can be started it is read in this one.
 * Faults of the node's own layers come with it, and the profile is what docs/profiles.md says for that.
 */
export async function readProfile(options: ProfileQuestion): Promise<ReadProfile> {
  const answer = await ask(JSON.stringify(options));
  return answer ?? (await import('./pushed/answer.ts')).answerProfile(options);
}

function ask(argument: string): Promise<ReadProfile | undefined> {
  const { promise, resolve } = Promise.withResolvers<ReadProfile | undefined>();
  const limits = { maxBuffer: maxAnswerBytes, timeout: 30_000, windowsHide: true };
  const child = execFile(process.execPath, [...program, argument], limits, (error, output) => {
    process.off('exit', end);
    try {
      resolve(error ? undefined : (JSON.parse(output) as ReadProfile));
    } catch {
      resolve(undefined);
    }
  });
  // An agent that stops leaves nothing running behind it.
  const end = (): boolean => child.kill('SIGKILL');
  process.on('exit', end);
  child.on('error', () => resolve(undefined));
  return promise;
}
