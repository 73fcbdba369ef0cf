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
 * A start takes 0.3 s of processor time; this is for a machine under a load of hundreds, and less than systemd waits for
 * the agent. Who takes longer waits for a filesystem that does not answer.
 */
const patienceMs = 60_000;

/**
 * The effective profile, read in a process of its own: the libraries for YAML and schemas are memory that an agent needs
 * at its start and when a profile is pushed. Where no process can be started it is read in this one.
 * Faults of the node's own layers come with it, and the profile is what docs/profiles.md says for that. That they lie
 * where nothing answers is such a fault.
 */
export async function readProfile(
  question: ProfileQuestion,
  options: { patienceMs?: number } = {},
): Promise<ReadProfile> {
  const withinMs = options.patienceMs ?? patienceMs;
  const answer = await ask(JSON.stringify(question), withinMs);
  if (typeof answer === 'object') return answer;
  const { answerProfile, answerUnread } = await import('./pushed/answer.ts');
  if (answer === 'failed') return answerProfile(question);
  const files = [...question.names, `profile.yaml in ${question.dataDir}`].join(', ');
  const seconds = withinMs / 1000;
  return answerUnread(
    question,
    `the profile could not be read within ${seconds} s: a filesystem does not answer (${files})`,
  );
}

function ask(argument: string, withinMs: number): Promise<ReadProfile | 'failed' | 'late'> {
  const { promise, resolve } = Promise.withResolvers<ReadProfile | 'failed' | 'late'>();
  const limits = { maxBuffer: maxAnswerBytes, windowsHide: true };
  const child = execFile(process.execPath, [...program, argument], limits, (error, output) => {
    clearTimeout(timer);
    process.off('exit', end);
    try {
      resolve(error ? 'failed' : (JSON.parse(output) as ReadProfile));
    } catch {
      resolve('failed');
    }
  });
  // An agent that stops leaves nothing running behind it.
  const end = (): boolean => child.kill('SIGKILL');
  process.on('exit', end);
  // One that waits for a filesystem may not even die: its end is not waited for.
  const timer = setTimeout(() => {
    end();
    resolve('late');
  }, withinMs);
  child.on('error', () => resolve('failed'));
  return promise;
}
