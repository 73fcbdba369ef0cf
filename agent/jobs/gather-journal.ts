import { uptime } from 'node:os';
import { formatBytes } from '../../bundle/report-format.ts';
import type { BundleItem } from '../profile/bundle.ts';
import { startProgram } from '../programs/program-output.ts';
import { gatherCommand } from './gather-command.ts';
import type { GatherContext } from './gather-context.ts';
import type { ItemOutcome } from './item-outcome.ts';
import { sampleJournal } from './journal-sample.ts';
import { journalStart } from './journal-start.ts';
import { entryTimeMs, journalCommand, readJournal } from './read-journal.ts';

const defaultMaxBytes = 512 * 2 ** 20;
const bootMarginMs = 120_000;
/** From this share of the limit on, by a sample, it is looked for where the end begins to fit. */
const likelyShare = 0.5;
/** Redaction makes text somewhat longer. */
const fillShare = 0.9;

/** Time of the oldest entry that the journal still has; undefined when it cannot be told. */
async function oldestEntryMs(signal: AbortSignal): Promise<number | undefined> {
  // Oldest first is its order; the first lines are enough, then it is stopped.
  const command = ['journalctl', '--no-pager', '-q', '-o', 'json', '--output-fields=PRIORITY'];
  const program = await startProgram(command, { maxBytes: 4096, signal });
  let text = '';
  for await (const chunk of program.content) text += chunk.toString('utf8');
  await program.result();
  return entryTimeMs(text);
}

/** A line as the journal's own, so that whatever reads entries reads it too. */
const cutEntry = (what: string, atMs: number): Buffer =>
  Buffer.from(
    `${JSON.stringify({
      __REALTIME_TIMESTAMP: String(Math.round(atMs * 1000)),
      PRIORITY: '4',
      SYSLOG_IDENTIFIER: 'sextant',
      MESSAGE: `[sextant: cut here: ${what}]`,
    })}\n`,
  );

/**
 * The systemd journal of the window as JSON lines; says when entries of the window have been rotated away already. One
 * that is longer than it may be is taken from its end backward.
 */
export async function gatherJournal(source: string, item: BundleItem, context: GatherContext): Promise<ItemOutcome> {
  const { signal } = context;
  const maxBytes = Math.min(item.maxBytes ?? defaultMaxBytes, context.maxBytesOf('journal'));
  // What cannot be sampled is found out when it is gathered.
  const sample = await sampleJournal(readJournal(signal), context).catch(() => undefined);
  context.onProgress();
  const bytes = sample?.bytes ?? 0;
  if (sample) {
    context.onExpected({ bytes: Math.min(bytes, maxBytes), basis: sample.exact ? 'measured' : 'sampled' });
  }
  let fromMs = context.fromUnixMs;
  if (bytes > maxBytes * likelyShare) fromMs = await journalStart(context, maxBytes * fillShare, signal);
  context.onProgress();
  const leftOutBytes = fromMs > context.fromUnixMs ? Math.max(0, Math.round(bytes - maxBytes * fillShare)) : 0;
  const cut =
    fromMs > context.fromUnixMs
      ? `entries before ${new Date(fromMs).toISOString()}, about ${formatBytes(leftOutBytes)}, left out: the journal may bring ${formatBytes(maxBytes)}`
      : undefined;
  const outcome = await gatherCommand(
    source,
    {
      command: journalCommand(fromMs, context.untilUnixMs + 999),
      path: `${source}.ndjson`,
      maxBytes,
      kind: 'journal',
      linesAre: 'entries',
      prefix: cut === undefined ? undefined : cutEntry(cut, fromMs),
    },
    context,
  );
  if (outcome.state === 'timeout') {
    const { lastUnixMs: _, ...known } = outcome;
    return { ...known, firstUnixMs: fromMs, reason: `${outcome.reason}; entries behind its last one are missing` };
  }
  if (outcome.state !== 'ok') return outcome;
  if (outcome.bytes === 0) {
    return { ...outcome, state: 'absent', reason: 'no journal on this machine has an entry in the window' };
  }
  outcome.firstUnixMs = fromMs;
  outcome.lastUnixMs = Math.min(context.untilUnixMs, context.nowMs());
  if (cut !== undefined) return { ...outcome, state: 'partial', reason: cut, leftOutBytes };
  const oldest = await oldestEntryMs(signal).catch(() => undefined);
  if (oldest !== undefined && oldest > context.fromUnixMs) {
    outcome.firstUnixMs = oldest;
    // A machine that started within the window has nothing older to lose.
    if (oldest - (context.nowMs() - uptime() * 1000) < bootMarginMs) return outcome;
    outcome.state = 'rotated-away';
    outcome.reason = `the journal begins at ${new Date(oldest).toISOString()}; what was before is gone`;
  }
  return outcome;
}
