import { glob, opendir, stat } from 'node:fs/promises';
import { join, normalize } from 'node:path';
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
  /** A folder that the glob leads into may not be listed: what lies in it is not found. Absent: it is passed over. */
  onDenied?(reason: Error): void;
}

/** Folders of one glob that are looked at again for whether they may be listed. */
const mostFolders = 2_000;

/**
 * Paths that a glob finds, each step a question. Mounts in the glob's way are asked first whether they answer, so that one
 * that does not is named and gone around, and what lies beside it is found.
 */
export async function* askedGlob(pattern: string, questions: GlobQuestions): AsyncGenerator<string> {
  const { mounts, ask, onSilent, onDenied } = questions;
  const base = normalize(picomatch.scan(pattern).base || '/');
  const silent = new Set<string>();
  await Promise.all(
    mounts.below(base).map(async (mount) => {
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
  /** Node's glob goes around what it may not list without a word. */
  const folders = new Set([base]);
  const found = glob(pattern, {
    withFileTypes: true,
    exclude: (entry) => {
      const path = normalize(join(entry.parentPath, entry.name));
      if (silent.size > 0 && silent.has(mounts.of(path) ?? '')) return true;
      if (entry.isDirectory() && path.length > base.length && folders.size < mostFolders) folders.add(path);
      return false;
    },
  });
  for (;;) {
    const { value, done } = await ask(pattern, () => found.next());
    if (done) break;
    yield normalize(join(value.parentPath, value.name));
  }
  if (!onDenied) return;
  const asked = [...folders].filter((folder) => !silent.has(mounts.of(folder) ?? ''));
  await askWhetherListed(asked, ask, onDenied);
}

async function askWhetherListed(
  folders: readonly string[],
  ask: GlobQuestions['ask'],
  onDenied: (reason: Error) => void,
): Promise<void> {
  for (const folder of folders) {
    try {
      await ask(folder, async () => (await opendir(folder)).close());
    } catch (error) {
      if (error instanceof Unanswered) throw error;
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EACCES' || code === 'EPERM') onDenied(error as Error);
    }
  }
}
