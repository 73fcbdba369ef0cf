import { execFile } from 'node:child_process';
import { join } from 'node:path';

const main = join(import.meta.dirname, '../../../cli/main.ts');

/** Runs one command as a user does, and tells how it ended and what it said. */
export function sextant(
  args: string[],
  cwd?: string,
  uid?: number,
): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [main, ...args],
      { cwd, ...(uid !== undefined && { uid, gid: uid }) },
      (error, out, err) => resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
    );
  });
}
