/**
 * Questions to the kernel that may never be answered: a sensor behind a bus that hangs, a file on a dead mount. Each that
 * is open holds one of libuv's threads, and nothing can take it back.
 */
export interface OpenQuestions {
  /**
   * The answer, if it comes within a second. Undefined without one, also while an earlier question of this name is still
   * open, or too many are. Rejects with what the question rejects with.
   */
  ask<Answer>(name: string, question: () => Promise<Answer>): Promise<Answer | undefined>;
  /** Names of the questions that were given up and are still open. */
  hanging(): string[];
}

const patienceMs = 1_000;
/** The agent's pool has six threads: two of them may hang on filesystems, two here, and the spool needs one. */
const maxHanging = 2;

export function createOpenQuestions(options: { patienceMs?: number } = {}): OpenQuestions {
  const hanging = new Set<string>();
  return {
    async ask(name, question) {
      if (hanging.has(name) || hanging.size >= maxHanging) return undefined;
      const answer = question();
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<undefined>((resolve) => {
        timer = setTimeout(() => {
          hanging.add(name);
          resolve(undefined);
        }, options.patienceMs ?? patienceMs);
      });
      const forget = (): void => {
        clearTimeout(timer);
        hanging.delete(name);
      };
      answer.then(forget, forget);
      return Promise.race([answer, late]);
    },
    hanging: () => [...hanging],
  };
}
