import { glob, stat } from 'node:fs/promises';
import picomatch from 'picomatch';
import type { RemoteMounts } from './remote-mounts.ts';
import { Unanswered, unansweredSince } from './unanswered.ts';

/** A mount of which nothing is known answers within this time, or is gone around. */
const mountPatienceMs = 2_000;

export interface GlobQuestions {
  mounts: RemoteMounts;
  /** See `FileQuestions`. */
  ask<Answer>(path: string, question: () => Promise<Answer>, signal?: AbortSignal): Promise<Answer>;
  /** A filesystem that the glob would lead into does not answer: it is gone around. */
  onSilent(reason: Error): void;
}

/**
 * Paths that a glob finds, each step a question. Mounts in the glob's way are asked first whether they answer, so that one
 * that does not is named and gone around, and what lies beside it is found.
 */
export async function* askedGlob(pattern: string, { mounts, ask, onSilent }: GlobQuestions): AsyncGenerator<string> {
  const silent = new Set<string>();
  await Promise.all(
    mounts.below(picomatch.scan(pattern).base || '/').map(async (mount) => {
      const late = AbortSignal.timeout(mountPatienceMs);
      const beganMs = Date.now();
      try {
        await ask(mount, () => stat(mount), late);
      } catch (error) {
        const reason = late.aborted ? unansweredSince(mount, beganMs) : error;
        // Any other answer is one, too.
        if (!(reason instanceof Unanswered)) return;
        silent.add(mount);
        onSilent(reason);
      }
    }),
  );
  const found = glob(pattern, silent.size > 0 ? { exclude: (path) => silent.has(mounts.of(path) ?? '') } : {});
  for (;;) {
    const { value, done } = await ask(pattern, () => found.next());
    if (done) return;
    yield value;
  }
}
