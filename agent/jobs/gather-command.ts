import { formatBytes } from '../../bundle/report-format.ts';
import { type ProgramOutput, startProgram } from '../programs/program-output.ts';
import { cutMark, type GatherContext } from './gather-context.ts';
import { countBytes } from './gather-files.ts';
import { failureState, type ItemOutcome } from './item-outcome.ts';

const defaultMaxBytes = 16 * 2 ** 20;

/** How programs say that this machine has no such thing, which is no gap. */
const absence =
  /not been booted with systemd|failed to connect to (?:system scope |d-?)?bus|can't operate|no such (?:device|file or directory)|not supported|command not found|no journal files|could not open device|cannot (?:open|access) .*\/dev\/|no medium found|unable to open database|no permissions to check for journal|not running/i;
const denial =
  /permission denied|operation not permitted|must be (?:run as )?root|only root|not permitted|access denied|a password is required/i;

interface CommandOptions {
  command: readonly string[];
  /** Entry inside the volume. */
  path: string;
  maxBytes?: number;
}

/** Runs a program and stores what it prints, redacted, as one entry. */
export async function gatherCommand(
  source: string,
  options: CommandOptions,
  context: GatherContext,
): Promise<ItemOutcome> {
  const maxBytes = options.maxBytes ?? defaultMaxBytes;
  const outcome: ItemOutcome = { state: 'ok', bytes: 0, masked: {} };
  let program: ProgramOutput;
  try {
    program = await startProgram(options.command, { maxBytes, signal: context.signal });
  } catch (error) {
    const failure = failureState(error);
    return failure.state === 'absent'
      ? { ...outcome, state: 'absent', reason: `${options.command[0]} is not installed` }
      : { ...outcome, ...failure };
  }
  let cut: string | null = null;
  async function* content(): AsyncGenerator<Buffer> {
    yield* program.content;
    const { tooLong, killed } = await program.result();
    if (tooLong) cut = `the output is longer than ${formatBytes(maxBytes)}`;
    if (killed) cut = 'the program was stopped before it had finished';
    if (cut) yield Buffer.concat([Buffer.from('\n'), cutMark(cut)]);
  }
  const startedMs = context.nowMs();
  const written = await context.writer.add(
    { path: options.path, modifiedMs: startedMs },
    countBytes(context.redactor.stream(content(), outcome.masked), context),
  );
  const { exitCode, killed, tooLong, errorText } = await program.result();
  outcome.bytes = written.bytes;
  outcome.firstUnixMs = startedMs;
  outcome.lastUnixMs = context.nowMs();
  context.onEntry({
    entry: written.parts.map((part) => `${part.volume}:${part.path}`),
    source,
    from: options.command.join(' '),
    bytes: written.bytes,
    modified: null,
    cut,
  });
  const masked = errorText === '' ? '' : context.redactor.text(errorText, outcome.masked);
  if (errorText !== '') {
    await context.writer.add({ path: `${source}.stderr.txt`, modifiedMs: startedMs }, [Buffer.from(`${masked}\n`)]);
  }
  if (killed) {
    context.signal.throwIfAborted();
  } else if (tooLong) {
    outcome.state = 'partial';
    outcome.reason = cut ?? 'cut';
  } else if (exitCode !== 0) {
    const reason = `exit code ${exitCode}${masked === '' ? '' : `: ${masked.split('\n', 1)[0]}`}`;
    const state = denial.test(errorText) ? 'denied' : absence.test(errorText) ? 'absent' : 'failed';
    outcome.state = written.bytes > 0 && state !== 'absent' ? 'partial' : state;
    outcome.reason = reason;
  }
  return outcome;
}
