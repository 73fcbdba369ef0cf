import { readdirSync, readFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

/** More than the event loop's, which has an answer to give; merges stand behind inserts and searches: nobody waits for them. */
const moreNice = { engine: 3, merges: 10 };
const nicest = 19;
const mergeThread = 'MergeMutate';
/** Names of Node's own. A thread of the engine may bear one for a moment: that of the thread which began it. */
const nodesOwn = new Set(['libuv-worker', 'V8Worker']);
const lookEveryMs = 1000;

const threadIds = (): string[] => readdirSync('/proc/self/task');

/**
 * Lets the storage engine's threads stand behind Node's, so that an acknowledgement does not wait for the processor that an
 * insert or a merge has. While nothing else wants the processor they are as fast as before.
 *
 * Made before the engine is: what begins later is taken for the engine's. Linux alone has a niceness for each thread.
 */
export function createEngineThreads(): { putBehind(): void } {
  if (process.platform !== 'linux') return { putBehind() {} };
  const settled = new Set(threadIds());
  let lookedAt = Number.NEGATIVE_INFINITY;

  return {
    /** Cheap: looks once a second at most, and at new threads alone. */
    putBehind() {
      if (performance.now() - lookedAt < lookEveryMs) return;
      lookedAt = performance.now();
      const running = new Set(threadIds());
      // A number may come again with another thread.
      for (const id of settled.difference(running)) settled.delete(id);
      for (const id of running) {
        if (settled.has(id)) continue;
        try {
          const name = readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trim();
          if (nodesOwn.has(name)) continue;
          const more = name === mergeThread ? moreNice.merges : moreNice.engine;
          setPriority(Number(id), Math.min(nicest, getPriority(process.pid) + more));
          settled.add(id);
        } catch {
          // Ended meanwhile, or not allowed: then it runs as it did.
          settled.add(id);
        }
      }
    },
  };
}
