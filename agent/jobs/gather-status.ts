import { lastSnapshot } from '../status/status.ts';
import { askStatus, statusPath } from '../status/status-socket.ts';
import { type GatherContext, orAborted } from './gather-context.ts';
import type { ItemOutcome } from './item-outcome.ts';

/** What an agent with a dozen sources says of itself. */
export const usualStatusBytes = 8 * 1024;

/**
 * What the agent of this data folder says of itself, as JSON: its own answer while it runs, else what it wrote before it
 * ended. No command is run for it: an agent is there without one, too.
 */
export async function gatherStatus(source: string, dataDir: string, context: GatherContext): Promise<ItemOutcome> {
  const masked: ItemOutcome['masked'] = {};
  const now = await orAborted(askStatus(statusPath(dataDir)), context.signal).catch(() => {
    context.signal.throwIfAborted();
    return undefined;
  });
  const told = now ?? lastSnapshot(dataDir);
  if (told === undefined) {
    return {
      state: 'absent',
      bytes: 0,
      reason: 'no agent runs on this data folder, and none has left its state',
      masked,
    };
  }
  const text = context.redactor.document({ told: now === undefined ? 'earlier' : 'now', agent: told }, masked);
  const content = Buffer.from(`${JSON.stringify(text, null, 1)}\n`);
  const modifiedMs = context.nowMs();
  const written = await context.writer.add({ path: `${source}.json`, modifiedMs }, [content]);
  context.onBytes(written.bytes);
  context.onEntry({
    entry: written.parts.map((part) => `${part.volume}:${part.path}`),
    source,
    from: 'the agent',
    bytes: written.bytes,
    modified: null,
    cut: null,
  });
  return {
    state: 'ok',
    bytes: written.bytes,
    firstUnixMs: modifiedMs,
    lastUnixMs: modifiedMs,
    ...(now === undefined && { reason: 'the agent does not answer: this is what it wrote before it ended' }),
    masked,
  };
}
