import { startProgram } from './program-output.ts';

export interface ProgramLimits {
  timeoutMs: number;
  maxBytes: number;
  signal: AbortSignal;
}

/** What a program that came to its end had to say. */
export interface ProgramAnswer {
  exitCode: number | null;
  text: string;
  errorText: string;
}

/**
 * Runs a program to its end, without a shell and at low priority, and gives back what it printed, whatever its exit
 * code. Rejects when it cannot be started, takes longer than `timeoutMs` or prints more than `maxBytes`; by then it is
 * killed with all that it started.
 */
export async function askProgram(command: readonly string[], limits: ProgramLimits): Promise<ProgramAnswer> {
  const deadline = AbortSignal.timeout(limits.timeoutMs);
  const program = await startProgram(command, {
    maxBytes: limits.maxBytes,
    signal: AbortSignal.any([deadline, limits.signal]),
  });
  const chunks: Buffer[] = [];
  for await (const chunk of program.content) chunks.push(chunk);
  const { exitCode, killed, tooLong, errorText } = await program.result();
  if (killed) {
    limits.signal.throwIfAborted();
    throw new Error(`${nameOf(command)} gave no answer within ${limits.timeoutMs / 1000} s`);
  }
  if (tooLong) throw new Error(`${nameOf(command)} printed more than ${limits.maxBytes} bytes`);
  return { exitCode, text: decode(Buffer.concat(chunks)), errorText };
}

const nameOf = ([program = '']: readonly string[]): string => program.split(/[\\/]/).at(-1) ?? program;

/** UTF-8, or what old Windows programs write: every byte is then at least a character. */
function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return bytes.toString('latin1');
  }
}
