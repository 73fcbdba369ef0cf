import type { NodeCapClass } from '../../bundle/caps.ts';
import { packedShare } from '../../bundle/packed-share.ts';
import { formatBytes } from '../../bundle/report-format.ts';
import { type ProgramOutput, startProgram } from '../programs/program-output.ts';
import { failedState } from './failed-command.ts';
import { cutMark, type GatherContext } from './gather-context.ts';
import { countBytes } from './gather-files.ts';
import { headAndTail } from './head-and-tail.ts';
import { ItemTimeout } from './item-limit.ts';
import { failureState, type ItemOutcome } from './item-outcome.ts';
import type { RecordUnit } from './item-progress.ts';

const defaultMaxBytes = 16 * 2 ** 20;
/** A program that goes on far beyond its limit is stopped; so much more its end is waited for, so that it can be kept. */
const drainFactor = 16;
const maxDrainBytes = 256 * 2 ** 20;
const sampleBytes = 64 * 1024;

interface CommandOptions {
  command: readonly string[];
  /** Entry inside the volume. */
  path: string;
  maxBytes?: number;
  kind?: NodeCapClass;
  /** Stands before the output. */
  prefix?: Buffer | undefined;
  /** What each line of the output is, where they are to be counted. */
  linesAre?: RecordUnit;
}

/** Runs a program and stores what it prints, redacted, as one entry. */
export async function gatherCommand(
  source: string,
  options: CommandOptions,
  context: GatherContext,
): Promise<ItemOutcome> {
  const maxBytes = Math.min(options.maxBytes ?? defaultMaxBytes, context.maxBytesOf(options.kind ?? 'commands'));
  const outcome: ItemOutcome = { state: 'ok', bytes: 0, masked: {} };
  const maxDrainedBytes = Math.min(maxBytes * drainFactor, maxBytes + maxDrainBytes);
  let program: ProgramOutput;
  try {
    program = await startProgram(options.command, { maxBytes: maxDrainedBytes, signal: context.signal });
  } catch (error) {
    const failure = failureState(error);
    return failure.state === 'absent'
      ? { ...outcome, state: 'absent', reason: `${options.command[0]} is not installed` }
      : { ...outcome, ...failure };
  }
  let cut: string | null = null;
  const sample: Buffer[] = [];
  const counted = (chunk: Buffer): Buffer => {
    if (options.linesAre) context.onRecords(lineFeeds(chunk), options.linesAre);
    return chunk;
  };
  async function* content(): AsyncGenerator<Buffer> {
    if (options.prefix) yield options.prefix;
    const ends = headAndTail(noticed(program.content, context), maxBytes);
    for await (const chunk of ends.head()) yield counted(chunk);
    const { tooLong, killed } = await program.result();
    const left = ends.leftOutBytes();
    if (left > 0 || tooLong) {
      outcome.leftOutBytes = left;
      cut = `the output is longer than ${formatBytes(maxBytes)}: ${formatBytes(left)} left out here`;
      if (tooLong) cut += ', and it was stopped before its end';
      yield Buffer.concat([Buffer.from('\n'), cutMark(cut)]);
    }
    yield counted(ends.tail());
    if (killed) {
      cut = 'the program was stopped before it had finished';
      yield Buffer.concat([Buffer.from('\n'), cutMark(cut)]);
    }
  }
  const startedMs = context.nowMs();
  const written = await context.writer.add(
    { path: options.path, modifiedMs: startedMs },
    sampled(countBytes(context.redactor.stream(content(), outcome.masked), context), sample),
  );
  const { exitCode, killed, errorText } = await program.result();
  outcome.bytes = written.bytes;
  outcome.packedShare = packedShare([Buffer.concat(sample)]);
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
    const { reason } = context.signal;
    if (!(reason instanceof ItemTimeout)) throw reason;
    Object.assign(outcome, failureState(reason));
  } else if (cut !== null) {
    outcome.state = 'partial';
    outcome.reason = cut;
  } else if (exitCode !== 0) {
    outcome.reason = `exit code ${exitCode}${masked === '' ? '' : `: ${masked.split('\n', 1)[0]}`}`;
    outcome.state = failedState(errorText, written.bytes);
  }
  return outcome;
}

async function* noticed(content: AsyncIterable<Buffer>, context: GatherContext): AsyncGenerator<Buffer> {
  for await (const chunk of content) {
    context.onProgress();
    yield chunk;
  }
}

function lineFeeds(chunk: Buffer): number {
  let count = 0;
  for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) count += 1;
  return count;
}

/** Passes on and keeps the beginning, to tell how well it packs. */
async function* sampled(content: AsyncIterable<Buffer>, sample: Buffer[]): AsyncGenerator<Buffer> {
  let room = sampleBytes;
  for await (const chunk of content) {
    if (room > 0) sample.push(Buffer.from(chunk.subarray(0, room)));
    room -= chunk.length;
    yield chunk;
  }
}
