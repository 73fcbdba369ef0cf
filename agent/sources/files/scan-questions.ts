import { join, sep } from 'node:path';
import type { FileQuestions } from '../../filesystems/file-questions.ts';
import { Unanswered } from '../../filesystems/unanswered.ts';

/**
 * Asks a filesystem about a path. Rejects with `Unanswered` when nobody answers in time, or would not; `late` gets an answer
 * that comes after that, for what must be closed.
 */
export type AskPath = <Answer>(
  path: string,
  question: () => Promise<Answer>,
  late?: (answer: Answer) => void,
) => Promise<Answer>;

/** For who is within a question already, as each look of the reading loop is. */
export const askedAlready: AskPath = (_, question) => question();

/** Of the local paths below one folder that give no answer: each holds one of libuv's threads. */
const maxSilentBelowBase = 2;

export interface ScanQuestions {
  ask: AskPath;
  /** What has given no answer so far. */
  silent(): string[];
}

/**
 * Each question of a scan by itself, so that what does not answer costs its own files alone: the scan goes on without them,
 * and a later one asks again. `bases` are the folders in which globs begin.
 */
export function createScanQuestions(
  { questions, isStopped }: { questions: FileQuestions; isStopped(): boolean },
  options: { bases: readonly string[] },
): ScanQuestions {
  /** What was given up and is still open: mounts, and local paths with the base of each. */
  const givenUp = new Map<string, string | undefined>();
  // The innermost first.
  const bases = options.bases.map(beginningOf).sort((a, b) => b.length - a.length);
  const baseOf = (path: string): string => bases.find((base) => beginningOf(path).startsWith(base)) ?? '';

  function demandGoing(path: string): void {
    // Whoever is there now asks for himself.
    if (isStopped()) throw new Unanswered(`${path} is not followed any more`);
  }

  return {
    async ask<Answer>(path: string, question: () => Promise<Answer>, late?: (answer: Answer) => void) {
      demandGoing(path);
      const mount = questions.mounts.of(path);
      const base = mount === undefined ? baseOf(path) : undefined;
      const silent = [...givenUp].filter(([, of]) => base !== undefined && of === base);
      if (silent.length >= maxSilentBelowBase) {
        const what = silent.map(([other]) => other).join(', ');
        throw new Unanswered(`${path} was not asked for: nothing answers at ${what}`);
      }
      const key = mount ?? path;
      let begun: Promise<Answer> | undefined;
      const begin = (): Promise<Answer> => {
        begun = question();
        return begun;
      };
      try {
        const answer = await questions.ask(key, begin, { isFollowing: true, givesUp: true });
        demandGoing(path);
        return answer;
      } catch (error) {
        if (begun && error instanceof Unanswered) {
          givenUp.set(key, base);
          const forget = (): void => void givenUp.delete(key);
          begun.then((answer) => late?.(answer)).then(forget, forget);
        }
        throw error;
      }
    },
    silent: () => [...givenUp.keys()],
  };
}

/** What the paths below a folder begin with. */
export const beginningOf = (folder: string): string => join(folder, sep);

export function isBelowAny(folders: readonly string[]): (path: string) => boolean {
  const beginnings = folders.map(beginningOf);
  return (path) => beginnings.some((beginning) => path.startsWith(beginning));
}

/** What came of it; undefined where a filesystem did not answer. */
export async function whereAnswered<Answer>(work: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Unanswered) return undefined;
    throw error;
  }
}
