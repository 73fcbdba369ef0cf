import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { defaultProfile } from '../../bundle/redaction/profile.ts';
import { createUnfinished } from '../../bundle/unfinished.ts';
import type { Settings } from '../../config/settings.ts';
import { lockFolder } from '../../durable/folder-lock.ts';
import { freeBytes } from '../../durable/free-space.ts';
import type { Log } from '../../logging/log.ts';
import type { FileQuestions } from '../filesystems/file-questions.ts';
import type { LocalFault } from '../profile/fallback/fall-back.ts';
import type { Profile } from '../profile/profile.ts';
import { pruneBundles, readMemory, writeMemory } from './own-bundles.ts';

/** Writes bundles of this node without being asked: after a silence of the collector, and on a schedule. */
export interface SelfCollect {
  /** Removes what a killed run left, and begins to watch. */
  start(): Promise<void>;
  /** The collector was heard of. */
  heard(): void;
  /** Resolves when a bundle that is being written has been given up. */
  close(): Promise<void>;
}

const lookEveryMs = 30_000;
/** A restart forgets at most this much of what was heard. */
const rememberEveryMs = 60_000;
const pauseAfterFailureMs = 10 * 60_000;
const maxTries = 3;

export function createSelfCollect(
  {
    dataDir,
    profile,
    profileFault,
    settings,
    questions,
    log,
    nowMs,
  }: {
    dataDir: string;
    profile(): Profile;
    profileFault(): LocalFault | undefined;
    settings: Settings;
    questions: FileQuestions;
    log: Log;
    nowMs(): number;
  },
  options: { lookEveryMs?: number } = {},
): SelfCollect {
  const folder = join(dataDir, 'agent', 'collect');
  const out = join(folder, 'bundles');
  const silenceMs = settings['agent.collect.afterSilence'];
  const everyMs = settings['agent.collect.every'];
  const windowMs = settings['agent.collect.window'];
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const memory = readMemory(folder, nowMs());
  const stopping = new AbortController();
  let heardUnixMs = memory.heardUnixMs;
  let notBeforeMs = 0;
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  function remember(change: Partial<typeof memory>): void {
    Object.assign(memory, change);
    try {
      writeMemory(folder, memory);
    } catch (error) {
      log.warn({ err: error }, 'cannot note when the collector was last heard of');
    }
  }

  /** The reason for which one is due now. */
  function due(): 'silence' | 'schedule' | undefined {
    const now = nowMs();
    if (now < notBeforeMs) return undefined;
    const isSilent = silenceMs > 0 && now - heardUnixMs >= silenceMs;
    if (isSilent && memory.doneForUnixMs !== heardUnixMs) return 'silence';
    if (everyMs > 0 && now - memory.scheduledUnixMs >= everyMs) return 'schedule';
    return undefined;
  }

  async function look(): Promise<void> {
    if (heardUnixMs - memory.heardUnixMs >= rememberEveryMs) remember({ heardUnixMs, tries: 0 });
    const reason = due();
    if (!reason) return;
    if (reason === 'silence') {
      // Noted before anything else: a run that ends the process counts too.
      const tries = memory.heardUnixMs === heardUnixMs ? memory.tries + 1 : 1;
      if (tries > maxTries) {
        remember({ doneForUnixMs: heardUnixMs, tries: 0 });
        log.error({ tries: maxTries }, 'this node gives up writing a bundle about this silence of the collector');
        return;
      }
      remember({ heardUnixMs, tries });
    }
    try {
      await write(reason);
      remember(reason === 'silence' ? { doneForUnixMs: heardUnixMs, tries: 0 } : { scheduledUnixMs: nowMs() });
    } catch (error) {
      if (stopping.signal.aborted) return;
      log.error({ err: error, reason }, 'this node could not write a bundle of its own');
      notBeforeMs = nowMs() + pauseAfterFailureMs;
    }
  }

  async function write(reason: 'silence' | 'schedule'): Promise<void> {
    const free = await freeBytes(folder);
    if (free < settings['agent.spool.minFreeBytes']) throw new Error(`only ${free} bytes are free`);
    // Loaded when it is needed: an agent at rest does without.
    const { writeNodeBundle } = await import('./node-bundle.ts');
    const untilUnixMs = nowMs();
    const began = reason === 'silence' ? heardUnixMs : untilUnixMs;
    const { path, coverage } = await writeNodeBundle({
      ...{ dataDir, settings, profile: profile(), profileFault: profileFault(), questions, out, untilUnixMs, nowMs },
      fromUnixMs: began - windowMs,
      roles: [],
      redaction: defaultProfile,
      signal: stopping.signal,
      onProgress: () => undefined,
    });
    const keep = settings['agent.collect.keep'];
    const removed = await pruneBundles(out, { keep, maxBytes: settings['agent.collect.maxBytes'] });
    const silentFor = Math.round((nowMs() - heardUnixMs) / 1000);
    log.warn({ path, state: coverage.bundle.state, reason, silentFor, removed }, 'this node wrote a bundle of its own');
  }

  return {
    async start() {
      try {
        const lock = lockFolder(folder, { role: 'sextant agent', nowMs: nowMs() });
        const removed = await createUnfinished(folder)
          .clean()
          .finally(() => lock.close());
        if (removed) log.warn({ removed }, 'removed what an interrupted bundle had left');
      } catch (error) {
        // Somebody collects at this moment.
        log.info({ err: error }, 'the folder for bundles of this node is held');
      }
      // The first start is what silence and schedule count from until there is something else.
      remember({});
      timer = setInterval(() => {
        running ??= look().finally(() => {
          running = undefined;
        });
      }, options.lookEveryMs ?? lookEveryMs);
    },
    heard() {
      heardUnixMs = nowMs();
    },
    async close() {
      clearInterval(timer);
      stopping.abort(new Error('the agent stops'));
      await running;
      if (heardUnixMs !== memory.heardUnixMs) remember({ heardUnixMs, tries: 0 });
    },
  };
}
