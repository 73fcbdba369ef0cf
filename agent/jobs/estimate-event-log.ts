import { startProgram } from '../programs/program-output.ts';
import { exportQuery } from './export-event-log.ts';

/** Runs wevtutil.exe with these arguments; what it printed. Throws where it ends with anything but 0. */
export type AskEventLog = (args: readonly string[], signal: AbortSignal) => Promise<string>;

/** What a channel's export is expected to be. */
export interface EventLogSize {
  records: number;
  bytes: number;
}

/** An .evtx of one chunk of 64 KiB and its header: none is smaller. */
const leastBytes = 68 * 1024;
const answerBytes = 256 * 1024;

/** By wevtutil.exe, which the export uses too. */
export const askEventLog: AskEventLog = async (args, signal) => {
  const program = await startProgram(['wevtutil.exe', ...args], { maxBytes: answerBytes, signal });
  const chunks: Buffer[] = [];
  for await (const chunk of program.content) chunks.push(chunk);
  const { exitCode, errorText } = await program.result();
  signal.throwIfAborted();
  if (exitCode !== 0) throw new Error(errorText.split('\n', 1)[0] || `wevtutil.exe ended with ${exitCode}`);
  return Buffer.concat(chunks).toString('utf8');
};

/**
 * How large the window of a channel would be as .evtx. Events of a channel are numbered one after the other: the numbers of
 * the window's first and last say how many there are, the channel's own file how much one takes. Throws where the channel
 * does not say.
 */
export async function estimateEventLog(
  channel: string,
  window: { fromUnixMs: number; untilUnixMs: number; signal: AbortSignal },
  ask: AskEventLog,
): Promise<EventLogSize> {
  const { signal } = window;
  const info = await ask(['gli', channel], signal);
  const fileSize = fieldOf(info, 'fileSize');
  const stored = fieldOf(info, 'numberOfLogRecords');
  if (fileSize === undefined || stored === undefined) throw new Error('wevtutil gli did not say how large it is');
  const end = async (newestFirst: boolean): Promise<number | undefined> => {
    const args = ['qe', channel, `/q:${exportQuery(window)}`, '/c:1', `/rd:${newestFirst}`, '/f:xml'];
    const text = await ask(args, signal);
    const [, id] = /<EventRecordID>(\d{1,15})<\/EventRecordID>/.exec(text) ?? [];
    if (id === undefined && text.trim() !== '')
      throw new Error('wevtutil qe answered with something else than an event');
    return id === undefined ? undefined : Number(id);
  };
  const first = stored === 0 ? undefined : await end(false);
  const last = first === undefined ? undefined : await end(true);
  if (first === undefined || last === undefined) return { records: 0, bytes: leastBytes };
  // A clock that was set back puts later numbers into earlier time.
  const records = Math.min(stored, Math.abs(last - first) + 1);
  return { records, bytes: Math.max(leastBytes, Math.round((fileSize * records) / stored)) };
}

function fieldOf(text: string, name: string): number | undefined {
  const [, digits] = new RegExp(`^\\s*${name}:\\s*(\\d{1,15})\\s*$`, 'm').exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits);
}
