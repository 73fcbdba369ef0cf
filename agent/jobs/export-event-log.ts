import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { safeSegment } from '../../bundle/entry-path.ts';
import { formatBytes } from '../../bundle/report-format.ts';
import { startProgram } from '../programs/program-output.ts';
import { failedState } from './failed-command.ts';
import type { ItemOutcome } from './item-outcome.ts';

interface ExportLimits {
  fromUnixMs: number;
  untilUnixMs: number;
  maxBytes: number;
  signal: AbortSignal;
  /** Told whenever the file has grown. */
  onProgress?: () => void;
}

/**
 * Writes the window of a channel of the Windows event log below `folder`: `<channel>.evtx`, and its texts in
 * `LocaleMetaData`, without which another machine shows numbers only. `warning` says what is missing. Throws
 * `ExportFailed` where nothing can be had.
 */
export type ExportEventLog = (channel: string, folder: string, limits: ExportLimits) => Promise<{ warning?: string }>;

class ExportFailed extends Error {
  readonly state: ItemOutcome['state'];
  constructor(message: string, state: ItemOutcome['state']) {
    super(message);
    this.state = state;
  }
}

/** Texts are archived in this language; each further one would take the same again. */
const locale = 'en-US';
const watchEveryMs = 250;
/** What wevtutil ends with: ERROR_ACCESS_DENIED, ERROR_EVT_CHANNEL_NOT_FOUND. */
const accessDenied = 5;
const noSuchChannel = 15_007;

/** By wevtutil.exe, which every Windows has. */
export const exportEventLog: ExportEventLog = async (channel, folder, limits) => {
  if (process.platform !== 'win32') throw new ExportFailed('this machine has no Windows event log', 'absent');
  const file = join(folder, `${safeSegment(channel)}.evtx`);
  await run(exportCommand(channel, file, limits), file, limits);
  try {
    await run(['wevtutil.exe', 'archive-log', file, `/l:${locale}`], file, limits);
    return {};
  } catch (error) {
    limits.signal.throwIfAborted();
    return { warning: `without the texts of its events: ${(error as Error).message}` };
  }
};

type ExportWindow = Pick<ExportLimits, 'fromUnixMs' | 'untilUnixMs'>;

/** The events of the window, as the event log's XPath says it. */
export function exportQuery({ fromUnixMs, untilUnixMs }: ExportWindow): string {
  const time = (unixMs: number): string => new Date(unixMs).toISOString();
  return `*[System[TimeCreated[@SystemTime>='${time(fromUnixMs)}' and @SystemTime<='${time(untilUnixMs)}']]]`;
}

export const exportCommand = (channel: string, file: string, window: ExportWindow): string[] => [
  ...['wevtutil.exe', 'epl', channel, file],
  `/q:${exportQuery(window)}`,
];

/** Ends the program when the file that it writes grows beyond what there is room for. */
async function run(command: string[], file: string, { maxBytes, signal, onProgress }: ExportLimits): Promise<void> {
  const tooLarge = new AbortController();
  let last = 0;
  const watch = setInterval(async () => {
    const size = (await stat(file).catch(() => undefined))?.size ?? 0;
    if (size > last) onProgress?.();
    last = size;
    if (size > maxBytes) tooLarge.abort();
  }, watchEveryMs);
  try {
    const program = await startProgram(command, {
      maxBytes: 4096,
      signal: AbortSignal.any([signal, tooLarge.signal]),
    });
    for await (const _ of program.content);
    const { exitCode, errorText } = await program.result();
    signal.throwIfAborted();
    if (tooLarge.signal.aborted) throw new ExportFailed(`more than ${formatBytes(maxBytes)}: left out`, 'partial');
    if (exitCode === 0) return;
    const denied = exitCode === accessDenied || failedState(errorText, 0) === 'denied';
    const state = denied ? 'denied' : exitCode === noSuchChannel ? 'absent' : 'failed';
    throw new ExportFailed(errorText.split('\n', 1)[0] || `exit code ${exitCode}`, state);
  } finally {
    clearInterval(watch);
  }
}
