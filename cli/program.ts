import { Command, Help, type Option } from 'commander';
import { version } from '../config/version.ts';
import { isJournal, withPriority } from '../logging/journal-stream.ts';
import { reportFailure } from './exit.ts';
import { addHelpCommands } from './help-command.ts';

const stderr = 2;
const errorLevel = 50;
const writeError = (text: string): void =>
  void process.stderr.write(isJournal(stderr) ? withPriority(text, errorLevel) : text);

/** A command line without commands yet: what all of them have in common. */
export const emptyProgram = (): Command =>
  new Command('sextant')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .option('--debug', 'print details of unexpected failures')
    .showHelpAfterError('(see `sextant help`)')
    .configureOutput({ writeErr: writeError })
    .configureHelp({ optionDescription })
    .exitOverride();

/** That an option must be there, which its place among the options does not show; and not that what is not asked for is false. */
function optionDescription(option: Option): string {
  const text = Help.prototype.optionDescription.call(new Help(), option).replace(/ \(default: false\)$/, '');
  return option.mandatory ? `${text} (required)` : text;
}

/** Runs the command that this process was called with, and ends the process with its exit code. */
export async function runProgram(program: Command): Promise<void> {
  // A reader that has seen enough (`sextant logs | head`) is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? 0 : 1);
  });
  addHelpCommands(program);
  try {
    await program.parseAsync();
  } catch (error) {
    const debug = Boolean(program.opts().debug) || process.argv.includes('--debug');
    process.exitCode = reportFailure(error, { debug, write: writeError });
  }
  // Idle connections would hold the process; what it printed must be out first.
  process.stdout.write('', () => process.exit());
}
