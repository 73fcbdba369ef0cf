import { appendFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the stand-in serves of one event; all but the number has a default. */
export interface WrittenEvent {
  recordId: number;
  unixMs?: number;
  provider?: string;
  guid?: string;
  eventId?: number;
  version?: number;
  level?: number;
  task?: number;
  opcode?: number;
  keywords?: string;
  processId?: number;
  threadId?: number;
  computer?: string;
  sid?: string;
  activityId?: string;
  /** `Name=value` or `Name:type=value`; types as in README.md. */
  data?: string[];
}

const ticks = (unixMs: number): bigint => (BigInt(unixMs) + 11_644_473_600_000n) * 10_000n;

/** Writes the files that the stand-in wevtapi.dll serves. */
export function createEventFiles(folder: string) {
  mkdirSync(join(folder, 'publishers'), { recursive: true });
  return {
    folder,
    /** Texts by event id, or `task:7`, `opcode:2`, `keywords:0x80`. A provider without a file has no metadata. */
    publisher(name: string, texts: Record<string, string>): void {
      const lines = Object.entries(texts).map(([key, text]) => `${key}\t${text}\n`);
      writeFileSync(join(folder, 'publishers', `${name}.tsv`), lines.join(''));
    },
    channel(name: string) {
      const path = join(folder, name.replaceAll('/', '%4'));
      const state = { oldest: 0, created: ticks(Date.now()), rpcBound: 0, flag: '-' };
      let next = 1;
      // Whole or not at all, since the DLL may look at any time.
      const saveState = (): void => {
        writeFileSync(`${path}.fresh`, `${state.oldest} ${state.created} ${state.rpcBound} ${state.flag}\n`);
        renameSync(`${path}.fresh`, `${path}.state`);
      };
      saveState();
      writeFileSync(`${path}.events`, '');
      return {
        /** Adds events with the numbers that come next; gives the last number. */
        append(count: number, make: (recordId: number) => Omit<WrittenEvent, 'recordId'> = () => ({})): number {
          const lines: string[] = [];
          for (let nth = 0; nth < count; nth += 1, next += 1) lines.push(eventLine({ recordId: next, ...make(next) }));
          appendFileSync(`${path}.events`, lines.join(''));
          return next - 1;
        },
        /** The log is full: what is older than this record is gone. */
        overwriteUpTo(oldest: number): void {
          state.oldest = oldest;
          saveState();
        },
        /** Clears the log; numbers begin at `from` again, in a new file unless `sameFile`. */
        clear({ from = 1, sameFile = false }: { from?: number; sameFile?: boolean } = {}): void {
          if (!sameFile) state.created += 1n;
          state.oldest = 0;
          next = from;
          writeFileSync(`${path}.events`, '');
          saveState();
        },
        /** Batches of more bytes than this fail with RPC_S_INVALID_BOUND. */
        boundCalls(bytes: number): void {
          state.rpcBound = bytes;
          saveState();
        },
        deny(denied: boolean): void {
          state.flag = denied ? 'denied' : '-';
          saveState();
        },
      };
    },
  };
}
export type EventFiles = ReturnType<typeof createEventFiles>;

function eventLine(event: WrittenEvent): string {
  const {
    recordId,
    unixMs = Date.now(),
    provider = 'Test-Provider',
    guid = '',
    eventId = 1,
    version = 0,
    level = 4,
    task = 0,
    opcode = 0,
    keywords = '0x8000000000000000',
    processId = 4,
    threadId = 8,
    computer = 'NODE1',
    sid = 'S-1-5-18',
    activityId = '',
    data = [`Number:u32=${recordId}`],
  } = event;
  const fields = [recordId, ticks(unixMs), provider, guid, eventId, version, level, task, opcode, keywords];
  return `${[...fields, processId, threadId, computer, sid, activityId, ...data].join('\t')}\n`;
}
