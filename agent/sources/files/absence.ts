import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { LogPipeline } from '../source.ts';
import { lastAliveUnixMs, markAlive } from './alive.ts';
import { lossInAbsence } from './loss.ts';
import { originalOfPacked } from './packed.ts';
import type { PackedRests } from './packed-rests.ts';
import { parsePosition } from './position.ts';

/**
 * Finds out what became, while the agent was away, of files that are not there any more: after the first look at all
 * there is. Their rests, and rotations that came and were compressed meanwhile, are read from compressed files; what
 * nobody can tell any more is reported.
 */
export function createAbsence(options: {
  logs: LogPipeline;
  packed: PackedRests;
  isFollowed(path: string): boolean;
  nowMs(): number;
}) {
  const { logs, packed, isFollowed, nowMs } = options;
  const awaySince = lastAliveUnixMs(logs);
  let looked = false;

  /** Says that everything was looked at: these folders, and these compressed files in them. */
  function scanned(found: {
    folders: readonly string[];
    packed: readonly string[];
    isKnown(key: string): boolean;
  }): void {
    if (!looked) {
      looked = true;
      const folders = new Set(found.folders);
      const heads = new Set<string>();
      for (const key of logs.keys('file:')) {
        const position = parsePosition(logs.position(key));
        if (!position) continue;
        if (position.headBytes > 0) heads.add(`${position.headBytes} ${position.fingerprint}`);
        if (found.isKnown(key) || !isFollowed(position.path) || !folders.has(dirname(position.path))) continue;
        if (position.copy || position.finished) logs.forget(key);
        else packed.takeUp(key, position, lossInAbsence(position));
      }
      if (awaySince > 0) for (const path of found.packed) void takeNew(path, awaySince, heads);
    }
    markAlive(logs, nowMs());
  }

  /** Compressing keeps the time of the last line; what is older than the absence was read. */
  async function takeNew(path: string, since: number, heads: ReadonlySet<string>): Promise<void> {
    if (originalOfPacked(path, isFollowed) === undefined) return;
    const found = await stat(path).catch(() => undefined);
    if (found && found.mtimeMs > since) packed.takeNew(path, since, isFollowed, heads);
  }

  return { scanned };
}
