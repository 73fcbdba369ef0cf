import { startProgram } from '../programs/program-output.ts';
import { entryTimeMs, journalCommand } from './read-journal.ts';

const maxLineBytes = 2 ** 20;

/**
 * From which second on the journal's entries take at most `maxBytes`, up to the end of the window; the window's begin when
 * all of it does. Reads backward from the end with memory for one line.
 */
export async function journalStart(
  window: { fromUnixMs: number; untilUnixMs: number },
  maxBytes: number,
  signal: AbortSignal,
): Promise<number> {
  const command = [...journalCommand(window.fromUnixMs, window.untilUnixMs + 999), '--reverse'];
  const program = await startProgram(command, { maxBytes, signal });
  let rest = Buffer.alloc(0);
  let oldestMs: number | undefined;
  for await (const chunk of program.content) {
    const bytes = Buffer.concat([rest, chunk]);
    const end = bytes.lastIndexOf(10);
    if (end !== -1) {
      const line = bytes.subarray(bytes.lastIndexOf(10, end - 1) + 1, end).toString('utf8');
      oldestMs = entryTimeMs(line) ?? oldestMs;
    }
    rest = Buffer.from(bytes.subarray(end + 1).subarray(0, maxLineBytes));
  }
  const { tooLong } = await program.result();
  if (!tooLong || oldestMs === undefined) return window.fromUnixMs;
  // The second in which it was reached may be there in part only: the next is whole.
  return Math.min(window.untilUnixMs, Math.floor(oldestMs / 1000) * 1000 + 1000);
}
