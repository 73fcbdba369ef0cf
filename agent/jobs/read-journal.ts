import { startProgram } from '../programs/program-output.ts';
import type { ReadJournal } from './journal-sample.ts';

/** journalctl's own way to say a time; it knows whole seconds alone. */
const second = (unixMs: number): string => `@${Math.floor(unixMs / 1000)}`;

export const journalCommand = (fromMs: number, untilMs: number): string[] => [
  'journalctl',
  '--no-pager',
  '-q',
  '-o',
  'json',
  `--since=${second(fromMs)}`,
  `--until=${second(untilMs)}`,
];

export const entryTimeMs = (line: string): number | undefined => {
  const microseconds = /"__REALTIME_TIMESTAMP"\s*:\s*"(\d{1,19})"/.exec(line)?.[1];
  return microseconds === undefined ? undefined : Number(microseconds) / 1000;
};

/** Reads pieces of the systemd journal as JSON lines. Rejects when there is no journalctl (ENOENT) or it says no. */
export const readJournal =
  (signal: AbortSignal): ReadJournal =>
  async (fromMs, untilMs, maxBytes) => {
    const program = await startProgram(journalCommand(fromMs, untilMs), { maxBytes, signal });
    const chunks: Buffer[] = [];
    for await (const chunk of program.content) chunks.push(chunk);
    const { exitCode, killed, tooLong, errorText } = await program.result();
    if (killed) signal.throwIfAborted();
    const read = Buffer.concat(chunks);
    if (!tooLong && exitCode !== 0 && read.length === 0) throw new Error(errorText || `exit code ${exitCode}`);
    const content = tooLong ? read.subarray(0, read.lastIndexOf(10) + 1) : read;
    const lastLine = content.subarray(content.lastIndexOf(10, content.length - 2) + 1).toString('utf8');
    return { content, complete: !tooLong, lastMs: entryTimeMs(lastLine) };
  };
