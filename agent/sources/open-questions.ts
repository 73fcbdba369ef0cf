import { createFileQuestions, type FileQuestions } from '../filesystems/file-questions.ts';
import type { RemoteMounts } from '../filesystems/remote-mounts.ts';
import { Unanswered } from '../filesystems/unanswered.ts';

/**
 * Questions to the kernel that may never be answered: a sensor behind a bus that hangs, a file on a dead mount. Each that
 * is open holds one of libuv's threads, and nothing can take it back.
 */
export interface OpenQuestions {
  /**
   * The answer, if it comes within a second of being asked, or `patienceMs`. Undefined without one, also while an earlier question of this
   * name or filesystem is still open, or too many are. Rejects with what the question rejects with.
   */
  ask<Answer>(name: string, question: () => Promise<Answer>, patienceMs?: number): Promise<Answer | undefined>;
  /** Names of the questions that were given up and are still open. */
  hanging(): string[];
  mounts: RemoteMounts;
}

const defaultPatienceMs = 1_000;
/** Of the threads for all such questions; gathering for bundles has the others. */
const maxHanging = 2;
/** What one process may have open where nobody says. */
const most = 4;

export function createOpenQuestions(options: { patienceMs?: number; files?: FileQuestions } = {}): OpenQuestions {
  const { files = createFileQuestions({ most }) } = options;
  const hanging = new Set<string>();
  return {
    mounts: files.mounts,
    async ask(name, question, patienceMs = options.patienceMs ?? defaultPatienceMs) {
      if (hanging.has(name) || hanging.size >= maxHanging) return undefined;
      const late = new AbortController();
      const begin = () => {
        // From here on: one that waits behind gathering is not taken for silent.
        const timer = setTimeout(() => {
          hanging.add(name);
          late.abort();
        }, patienceMs);
        const forget = (): void => {
          clearTimeout(timer);
          hanging.delete(name);
        };
        const answer = question();
        answer.then(forget, forget);
        return answer;
      };
      try {
        return await files.ask(name, begin, { signal: late.signal });
      } catch (error) {
        if (late.signal.aborted || error instanceof Unanswered) return undefined;
        throw error;
      }
    },
    hanging: () => [...hanging],
  };
}
