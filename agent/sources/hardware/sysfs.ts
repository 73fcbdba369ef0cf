import { access, readdir, readFile, realpath } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { OpenQuestions } from '../open-questions.ts';

/**
 * /sys, or a folder like it. What is not there, cannot be told by the driver right now (EIO, ENODATA) or is not answered
 * in time is undefined: the rest is still read.
 */
export interface Sysfs {
  /** One value, trimmed. */
  value(path: string): Promise<string | undefined>;
  /** Like `value`, as a number. */
  number(path: string): Promise<number | undefined>;
  /** Names in a folder, in order; none when it is not there. */
  names(path: string): Promise<string[]>;
  exists(path: string): Promise<boolean>;
  /** Name of what a symbolic link leads to. */
  target(path: string): Promise<string | undefined>;
}

export function createSysfs(root: string, questions: OpenQuestions): Sysfs {
  const ask = <Answer>(path: string, question: (full: string) => Promise<Answer>): Promise<Answer | undefined> => {
    const full = join(root, path);
    return questions.ask(full, () => question(full)).catch(() => undefined);
  };
  const value = async (path: string) => (await ask(path, (full) => readFile(full, 'utf8')))?.trim();
  return {
    value,
    async number(path) {
      const text = await value(path);
      if (text === undefined || text === '') return undefined;
      const number = Number(text);
      return Number.isFinite(number) ? number : undefined;
    },
    names: async (path) => ((await ask(path, (full) => readdir(full))) ?? []).sort(),
    exists: async (path) =>
      (await ask(path, (full) =>
        access(full).then(
          () => true,
          () => false,
        ),
      )) === true,
    async target(path) {
      const full = await ask(path, (link) => realpath(link));
      return full === undefined ? undefined : basename(full);
    },
  };
}
