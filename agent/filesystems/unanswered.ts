/** A question to a filesystem that was not asked, because earlier ones have not been answered. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered';
}

export const unansweredSince = (what: string, sinceUnixMs: number): Unanswered =>
  new Unanswered(`the filesystem of ${what} has not answered since ${new Date(sinceUnixMs).toISOString()}`);

/** `silent` are the paths that hold the threads there are. */
export const allThreadsHeld = (path: string, silent: readonly string[]): Unanswered =>
  new Unanswered(
    `${path} was not asked for: ${silent.length} other filesystems do not answer (${silent.join(', ')}), and each holds a thread of the agent`,
  );
