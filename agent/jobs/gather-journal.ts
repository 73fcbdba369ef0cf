import { uptime } from 'node:os';
import type { BundleItem } from '../profile/bundle.ts';
import { startProgram } from '../programs/program-output.ts';
import { gatherCommand } from './gather-command.ts';
import type { GatherContext } from './gather-context.ts';
import type { ItemOutcome } from './item-outcome.ts';

const defaultMaxBytes = 512 * 2 ** 20;
const bootMarginMs = 120_000;

/** Time of the oldest entry that the journal still has; undefined when it cannot be told. */
async function oldestEntryMs(signal: AbortSignal): Promise<number | undefined> {
  // Oldest first is its order; the first lines are enough, then it is stopped.
  const command = ['journalctl', '--no-pager', '-q', '-o', 'json', '--output-fields=PRIORITY'];
  const program = await startProgram(command, { maxBytes: 4096, signal });
  let text = '';
  for await (const chunk of program.content) text += chunk.toString('utf8');
  const microseconds = /"__REALTIME_TIMESTAMP"\s*:\s*"(\d+)"/.exec(text)?.[1];
  await program.result();
  return microseconds === undefined ? undefined : Number(microseconds) / 1000;
}

/** The systemd journal of the window as JSON lines; says when entries of the window have been rotated away already. */
export async function gatherJournal(source: string, item: BundleItem, context: GatherContext): Promise<ItemOutcome> {
  const second = (unixMs: number): string => `@${Math.floor(unixMs / 1000)}`;
  const command = [
    'journalctl',
    '--no-pager',
    '-q',
    '-o',
    'json',
    `--since=${second(context.fromUnixMs)}`,
    `--until=${second(context.untilUnixMs + 999)}`,
  ];
  const outcome = await gatherCommand(
    source,
    { command, path: `${source}.ndjson`, maxBytes: item.maxBytes ?? defaultMaxBytes },
    context,
  );
  if (outcome.state !== 'ok') return outcome;
  if (outcome.bytes === 0) {
    return { ...outcome, state: 'absent', reason: 'no journal on this machine has an entry in the window' };
  }
  outcome.firstUnixMs = context.fromUnixMs;
  outcome.lastUnixMs = Math.min(context.untilUnixMs, context.nowMs());
  const oldest = await oldestEntryMs(context.signal).catch(() => undefined);
  if (oldest !== undefined && oldest > context.fromUnixMs) {
    outcome.firstUnixMs = oldest;
    // A machine that started within the window has nothing older to lose.
    if (oldest - (context.nowMs() - uptime() * 1000) < bootMarginMs) return outcome;
    outcome.state = 'rotated-away';
    outcome.reason = `the journal begins at ${new Date(oldest).toISOString()}; what was before is gone`;
  }
  return outcome;
}
