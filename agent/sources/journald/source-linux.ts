import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { SeverityNumber } from '@opentelemetry/api-logs';
import type { Source, SourceContext } from '../source.ts';
import { cursorSequence, journalFields, parseJournalEntry } from './entry.ts';
import { hasJournal, journalChangedUnixMs, newestCursor, ofThisMachine } from './journal-files.ts';
import { createLineCutter } from './json-lines.ts';

export interface JournaldSourceOptions {
  /** Folder of journal files, for tests; the machine's own by default. */
  directory?: string;
  /** Program that speaks journalctl's language. */
  journalctl?: string;
  backoffMs?: { first: number; longest: number };
}

const positionName = 'journald:cursor';
/** An entry is a line of JSON; journald itself stops at 768 MiB a field (core dumps), which is nothing for a log. */
const maxEntryBytes = 1024 * 1024;
/** What is read of a journal that was there before the agent. */
const historyEntries = 2_000;
/** The journal is created at the first message after boot, and may come later than the agent. */
const lookAgainMs = 60_000;

/**
 * Follows the systemd journal through `journalctl -f -o json`, from the durable cursor on.
 *
 * It is asked for the last entry again and that entry is passed over: if it is not there any more, what came between
 * was vacuumed away, which is reported as a record and counted in `sextant.journald.gaps`.
 */
export function createJournaldSource(context: SourceContext, options: JournaldSourceOptions = {}): Source {
  const { log, nowMs, profile } = context;
  const logs = context.logs.ofClass(profile.journal.priority);
  const backoffMs = options.backoffMs ?? { first: 1_000, longest: 60_000 };
  const journalctl = options.journalctl ?? findJournalctl();
  const logger = logs.logger('journald');
  const gaps = context.meter.createCounter('sextant.journald.gaps', {
    unit: '{gap}',
    description: 'Times that the journal had been vacuumed beyond the last entry read.',
  });
  let state: 'starting' | 'running' | 'absent' | 'failing' = 'starting';
  let detail: string | undefined;
  let child: ChildProcessByStdio<null, Readable, Readable> | undefined;
  let cursor: string | undefined;
  let records = 0;
  let dropped = 0;
  let lastRecordUnixMs: number | undefined;
  let closed = false;
  let running: Promise<void> | undefined;
  let stopWaiting: () => void = () => {};
  /** When journalctl was last started or heard of, and how often it was heard of. */
  let heardUnixMs = 0;
  let heard = 0;
  let waitsForRoom = false;
  /** Who waits until it is heard of again. */
  const asked: (() => void)[] = [];
  const scope = options.directory ? [`--directory=${options.directory}`] : ['--system', ...ofThisMachine()];

  async function run(program: string): Promise<void> {
    let waitMs = backoffMs.first;
    while (!closed) {
      if (!hasJournal(options.directory)) {
        state = 'absent';
        detail = 'there is no journal';
        await wait(lookAgainMs);
        continue;
      }
      const before = records;
      const reason = await follow(program).catch((error: Error) => {
        log.error({ err: error }, 'BUG: reading what journalctl prints failed');
        return error.message;
      });
      if (closed) return;
      state = 'failing';
      detail = `journalctl ended: ${reason}`;
      log.warn({ reason }, 'journalctl ended; it is started again');
      waitMs = records > before ? backoffMs.first : Math.min(waitMs * 2, backoffMs.longest);
      await wait(waitMs);
    }
  }

  /** Runs journalctl until it ends; resolves with the reason. */
  async function follow(program: string): Promise<string> {
    const from = cursor === undefined ? [`--lines=${historyEntries}`] : [`--cursor=${cursor}`, '--no-tail'];
    const started = spawn(
      program,
      [
        '--follow',
        // Without it, following shows this boot alone, and what a machine said while it went down or crashed is never read.
        '--merge',
        '--output=json',
        '--all',
        '--no-pager',
        '--quiet',
        `--output-fields=${journalFields.join(',')}`,
        ...scope,
        ...from,
      ],
      // Its messages are shown to people in English, and it must not page or colour.
      { stdio: ['ignore', 'pipe', 'pipe'], env: { LC_ALL: 'C.UTF-8' } },
    );
    child = started;
    let said = '';
    started.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-500);
    });
    const ended = new Promise<string>((resolve) => {
      started.on('error', (error) => resolve(error.message));
      started.on('close', (code, signal) => resolve(said.trim() || `exit ${code ?? signal}`));
    });
    state = 'running';
    detail = undefined;
    heardUnixMs = nowMs();
    const cutter = createLineCutter(maxEntryBytes);
    // The entry at the cursor comes first; it has been read.
    let resumedAt = cursor;
    try {
      for await (const chunk of started.stdout as AsyncIterable<Buffer>) {
        if (closed) break;
        heardUnixMs = nowMs();
        heard += 1;
        for (const answered of asked.splice(0)) answered();
        const skippedBefore = cutter.oversized();
        const lines = cutter.push(chunk);
        const oversized = cutter.oversized() - skippedBefore;
        for (const line of lines) {
          const entry = parseJournalEntry(line, nowMs());
          if (!entry) {
            dropped += 1;
            continue;
          }
          const resumed = resumedAt;
          resumedAt = undefined;
          if (resumed !== undefined && sameEntry(resumed, entry.cursor)) continue;
          if (resumed !== undefined) reportGap(resumed, entry.cursor);
          logger.emit(entry.record);
          records += 1;
          cursor = entry.cursor;
        }
        if (oversized > 0) reportOversized(oversized);
        if (lines.length > 0 && cursor !== undefined) {
          logs.mark(positionName, cursor);
          lastRecordUnixMs = nowMs();
        }
        waitsForRoom = true;
        await logs.ready();
        waitsForRoom = false;
      }
    } finally {
      started.kill();
      child = undefined;
      waitsForRoom = false;
    }
    return ended;
  }

  /** The fields of such an entry are in no certain order, so it is its neighbour that says where it stands. */
  function reportOversized(entries: number): void {
    dropped += entries;
    log.warn({ entries, near: cursor }, 'journal entries over 1 MiB were passed over');
    logger.emit({
      timestamp: nowMs(),
      severityNumber: SeverityNumber.WARN,
      severityText: 'warning',
      body: `${entries} journal ${entries === 1 ? 'entry' : 'entries'} of more than 1 MiB passed over; journalctl shows what is near: journalctl --cursor='${cursor ?? ''}'`,
      attributes: { 'sextant.gap.near': cursor ?? '' },
    });
  }

  function reportGap(last: string, first: string): void {
    const from = cursorSequence(last);
    const to = cursorSequence(first);
    const missing = from && to && from.id === to.id ? Number(to.number - from.number) - 1 : undefined;
    gaps.add(1);
    dropped += missing ?? 0;
    logger.emit({
      severityNumber: SeverityNumber.WARN,
      severityText: 'warning',
      body: `The journal no longer holds the last entry that was read; ${missing === undefined ? 'an unknown number of' : `up to ${missing}`} entries are missing before this one.`,
      attributes: { 'sextant.gap.after': last, 'sextant.gap.before': first },
    });
  }

  function wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      stopWaiting = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /**
   * Tells a quiet journal from a journalctl that hangs: when something was written since it was last heard of, another
   * one is asked for the newest entry, and the one that follows must be heard of too.
   */
  async function answer(): Promise<void> {
    if (!child || journalctl === undefined || waitsForRoom) return;
    const before = heard;
    if (journalChangedUnixMs(options.directory) <= heardUnixMs) return;
    const newest = await newestCursor(journalctl, scope);
    if (heard !== before || newest === undefined || (cursor !== undefined && sameEntry(newest, cursor))) return;
    await new Promise<void>((resolve) => asked.push(resolve));
  }

  return {
    name: 'journald',
    answer,
    async start() {
      if (!profile.journal.enabled || journalctl === undefined) {
        state = 'absent';
        detail = profile.journal.enabled ? 'journalctl is not installed' : 'switched off in the profile';
        return;
      }
      closed = false;
      cursor = logs.position(positionName);
      running = run(journalctl).catch((error) => {
        state = 'failing';
        log.error({ error }, 'BUG: following the journal has stopped');
      });
    },
    async close() {
      closed = true;
      child?.kill();
      stopWaiting();
      await running;
    },
    health: () => ({
      name: 'journald',
      state,
      records,
      dropped,
      ...(lastRecordUnixMs === undefined ? {} : { lastRecordUnixMs }),
      ...(detail === undefined ? {} : { detail }),
    }),
  };
}

function sameEntry(left: string, right: string): boolean {
  const [a, b] = [cursorSequence(left), cursorSequence(right)];
  return a && b ? a.id === b.id && a.number === b.number : left === right;
}

/** Fixed places rather than PATH: a service's PATH differs from a person's, and root runs what is found here. */
const journalctlPaths = ['/usr/bin/journalctl', '/bin/journalctl', '/run/current-system/sw/bin/journalctl'];

const findJournalctl = (): string | undefined => journalctlPaths.find((path) => existsSync(path));
