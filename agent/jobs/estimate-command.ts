import { entryOverheadBytes, packedShare, usualPackedShare } from '../../bundle/packed-share.ts';
import { formatDuration } from '../../bundle/report-format.ts';
import type { EstimatedItem } from '../../protocol/control.ts';
import type { BundleItem } from '../profile/bundle.ts';
import { startProgram } from '../programs/program-output.ts';
import type { EstimateContext } from './estimate-context.ts';
import { failedState } from './failed-command.ts';
import { failureState } from './item-outcome.ts';
import type { KnownSize } from './known-sizes.ts';

type Estimate = Omit<EstimatedItem, 'source' | 'kind'>;

/** One command may take so long of the time for trying. */
const tryMs = 2000;
const tryBytes = 4 * 2 ** 20;
/** Nobody knows: between the median (1 KiB) and the mean (10 KiB) of what 34 items of the linux profile brought here, 2026-11-28. */
const guessedBytes = 4096;
const guessedKeyBytes = 32 * 1024;

/**
 * What a command would print: as much as last time, on this node. One that has not run yet is run once, when that takes
 * no longer than two seconds; else it is what the profile says (`expect`), or a guess that says that it is one.
 */
export async function estimateCommand(
  source: string,
  item: BundleItem & { command: readonly string[] },
  context: EstimateContext,
): Promise<Estimate> {
  const most = Math.min(item.maxBytes ?? Number.POSITIVE_INFINITY, context.maxBytesOf('commands'));
  const known = context.sizes.get(source, item.command);
  if (known) {
    const age = formatDuration(Math.max(0, context.nowMs() - known.atUnixMs));
    return { ...sized(known, most), basis: 'last-run', reason: `as ${age} ago` };
  }
  if (item.expect !== undefined) return { ...sized(presumed(item.expect), most), basis: 'declared' };
  const tried = await tryOnce(item.command, context);
  if (!tried) return { ...sized(presumed(guessedBytes), most), basis: 'guess', reason: 'has not run on this node yet' };
  context.sizes.put(source, item.command, { ...tried, atUnixMs: context.nowMs() });
  return { ...sized(tried, most), basis: 'measured' };
}

/** What registry keys would bring: as much as last time, or a guess; a machine without a registry has none. */
export function estimateRegistry(source: string, keys: readonly string[], context: EstimateContext): Estimate {
  if (process.platform !== 'win32') {
    const none = { bytes: 0, packedBytes: 0, basis: 'measured' } as const;
    return { state: 'absent', ...none, reason: 'this machine has no registry' };
  }
  const most = context.maxBytesOf('files');
  const known = context.sizes.get(source, keys);
  if (known) return { ...sized(known, most), basis: 'last-run' };
  return { ...sized(presumed(guessedKeyBytes * keys.length), most), basis: 'guess', reason: 'was not gathered yet' };
}

type Size = Pick<KnownSize, 'state' | 'bytes' | 'packedShare'>;

const presumed = (bytes: number): Size => ({ state: 'ok', bytes, packedShare: usualPackedShare });

function sized({ state, bytes, packedShare: share }: Size, most: number): Omit<Estimate, 'basis'> {
  const taken = Math.min(bytes, most);
  return { state, bytes: taken, packedBytes: Math.round(taken * share) + (taken > 0 ? entryOverheadBytes : 0) };
}

async function tryOnce(command: readonly string[], context: EstimateContext): Promise<Size | undefined> {
  const leftMs = Math.min(tryMs, context.tryUntilMs - context.nowMs());
  if (leftMs < tryMs / 4) return undefined;
  const limit = AbortSignal.timeout(leftMs);
  try {
    const signal = AbortSignal.any([context.signal, limit]);
    const program = await startProgram(command, { maxBytes: tryBytes, signal });
    const chunks: Buffer[] = [];
    for await (const chunk of program.content) chunks.push(chunk);
    const { killed, tooLong, exitCode, errorText } = await program.result();
    context.signal.throwIfAborted();
    if (killed || tooLong) return undefined;
    const output = await context.redact(Buffer.concat(chunks));
    const state = exitCode === 0 ? 'ok' : failedState(errorText, output.length);
    return { state, bytes: output.length, packedShare: packedShare([output]) };
  } catch (error) {
    context.signal.throwIfAborted();
    const { state } = failureState(error);
    return state === 'absent' || state === 'denied' ? { state, bytes: 0, packedShare: 1 } : undefined;
  }
}
