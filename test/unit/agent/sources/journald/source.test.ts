import { chmodSync, mkdtempSync, rmSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { createSourceRunner } from '../../../../../agent/source-runner.ts';
import { createJournaldSource } from '../../../../../agent/sources/journald/source-linux.ts';
import type { Source } from '../../../../../agent/sources/source.ts';
import { patient } from '../../../../patience.ts';
import { createRecordingPipeline, type RecordingPipeline } from '../recording-pipeline.ts';
import { createSourceContext } from '../source-context.ts';
import { canWriteJournals, writeBinaryEntry, writeJournal } from './journal-writer.ts';

let folder: string;
let recording: RecordingPipeline;
let source: Source | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sx-journal-'));
  recording = createRecordingPipeline();
});
afterEach(async () => {
  await source?.close();
  source = undefined;
  rmSync(folder, { recursive: true, force: true });
});

async function start(journalctl?: string): Promise<Source> {
  const { context } = createSourceContext({ logs: recording.pipeline });
  source = createJournaldSource(context, {
    directory: folder,
    ...(journalctl ? { journalctl } : {}),
    backoffMs: { first: 10, longest: 50 },
  });
  await source.start();
  return source;
}
const numbered = (from: number, count: number) => Array.from({ length: count }, (_, index) => `entry ${from + index}`);
const waitForRecords = (count: number) =>
  vi.waitFor(() => expect(recording.records.length).toBeGreaterThanOrEqual(count), patient);

test.runIf(canWriteJournals)('follows a journal and resumes behind the durable cursor', async () => {
  writeJournal(folder, 'a.journal', numbered(0, 50));
  await start();
  await waitForRecords(50);
  writeJournal(folder, 'a.journal', numbered(50, 50));
  await waitForRecords(100);
  await source?.close();
  recording.restart();
  writeJournal(folder, 'a.journal', numbered(100, 20));
  await start();
  await waitForRecords(120);
  expect(recording.bodies()).toEqual(numbered(0, 120));
  expect(new Set(recording.records.map(({ attributes }) => attributes?.['log.record.uid'])).size).toBe(120);
});

test.runIf(canWriteJournals)('reads what a boot left behind that ended while the agent was away', async () => {
  const nextBoot = 'fedcba9876543210fedcba9876543210';
  writeJournal(folder, 'a.journal', numbered(0, 5));
  await start();
  await waitForRecords(5);
  await source?.close();
  recording.restart();
  // What the services say that stop after the agent, and then the machine starts again.
  writeJournal(folder, 'a.journal', numbered(5, 5));
  writeJournal(folder, 'a.journal', numbered(10, 3), nextBoot);
  await start();
  await waitForRecords(11);
  writeJournal(folder, 'a.journal', numbered(13, 2), nextBoot);
  await waitForRecords(15);
  expect(recording.bodies()).toEqual(numbered(0, 15));
});

test.runIf(canWriteJournals)('reports a gap when the journal no longer holds the last entry', async () => {
  writeJournal(folder, 'a.journal', numbered(0, 5));
  await start();
  await waitForRecords(5);
  await source?.close();
  recording.restart();
  unlinkSync(join(folder, 'a.journal'));
  writeJournal(folder, 'b.journal', numbered(10, 3));
  await start();
  await waitForRecords(9);
  expect(recording.bodies()[5]).toMatch(/no longer holds the last entry.*unknown number/);
  expect(recording.bodies().slice(6)).toEqual(numbered(10, 3));
});

test.runIf(canWriteJournals)('reads fields that are several lines or no text at all', async () => {
  writeBinaryEntry(folder, 'a.journal', {
    MESSAGE: Buffer.from('first line\nsecond line'),
    SYSLOG_IDENTIFIER: Buffer.from('app'),
  });
  writeBinaryEntry(folder, 'a.journal', { MESSAGE: Buffer.from([0x61, 0xff, 0x00, 0x1b, 0x62]) });
  writeJournal(folder, 'a.journal', ['after']);
  await start();
  await waitForRecords(3);
  expect(recording.bodies()).toEqual(['first line\nsecond line', 'a\ufffd\u0000\u001bb', 'after']);
});

test('starts journalctl again when it dies, without losing or repeating an entry', async () => {
  writeFileSync(join(folder, 'x.journal'), '');
  const program = join(folder, 'journalctl');
  // Prints the entry at the cursor and the next three, then dies.
  writeFileSync(
    program,
    `#!/bin/sh
for a in "$@"; do case "$a" in --cursor=*) from=$(echo "$a" | sed 's/.*i=//');; esac; done
i=\${from:-1}; end=$((i + 3))
while [ $i -le $end ]; do echo "{\\"__CURSOR\\":\\"s=ab;i=$i\\",\\"MESSAGE\\":\\"m$i\\"}"; i=$((i + 1)); done
exit 1
`,
  );
  chmodSync(program, 0o755);
  await start(program);
  await waitForRecords(8);
  await source?.close();
  const bodies = recording.bodies();
  // cursor numbers are hexadecimal, the shell's decimal: the first nine are the same in both
  expect(bodies.slice(0, 8)).toEqual(['m1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7', 'm8']);
});

test('is absent without a journal or without journalctl', async () => {
  const started = await start();
  await vi.waitFor(() => expect(started.health().state).toBe('absent'), patient);
});

test.runIf(canWriteJournals)('counts an entry of more than 1 MiB and says where it was', async () => {
  writeJournal(folder, 'a.journal', ['before', 'x'.repeat(1024 * 1024 + 1), 'after']);
  const started = await start();
  await waitForRecords(3);
  expect(recording.bodies().filter((body) => body === 'before' || body === 'after')).toEqual(['before', 'after']);
  expect(recording.bodies()).toContainEqual(expect.stringMatching(/^1 journal entry of more than 1 MiB/));
  expect(started.health()).toMatchObject({ records: 2, dropped: 1 });
});

test('is told from a quiet journal when journalctl hangs, and goes on with another one', async () => {
  writeFileSync(join(folder, 'x.journal'), '');
  const program = join(folder, 'journalctl');
  // The first one that follows says one entry and then nothing any more; who asks for the newest is told of the third.
  writeFileSync(
    program,
    `#!/bin/sh
entry() { echo "{\\"__CURSOR\\":\\"s=ab;i=$1\\",\\"MESSAGE\\":\\"m$1\\"}"; }
case "$*" in
  *--follow*)
    if [ -e ${folder}/second ]; then entry 1; entry 2; entry 3; else touch ${folder}/second; entry 1; fi
    exec sleep 600;;
  *) entry 3;;
esac
`,
  );
  chmodSync(program, 0o755);
  const { context } = createSourceContext({ logs: recording.pipeline });
  const runner = createSourceRunner(
    {
      factories: [
        {
          name: 'journald',
          sections: ['journal'],
          create: () => createJournaldSource(context, { directory: folder, journalctl: program }),
        },
      ],
      contextOf: () => context,
      flush: async () => vi.waitFor(() => expect(recording.durable.has('journald:cursor')).toBe(true), patient),
      isBlocked: () => false,
      log: context.log,
    },
    { profile: context.profile, patience: { startMs: 10_000, closeMs: 5_000, lookEveryMs: 50, unansweredLooks: 10 } },
  );
  onTestFinished(() => runner.close());
  await runner.start();
  await waitForRecords(1);
  // Nothing was written since: whatever it says, it is not stuck.
  utimesSync(join(folder, 'x.journal'), 0, 0);
  const [source] = runner.health();
  expect(source).toMatchObject({ state: 'running', records: 1 });
  writeFileSync(join(folder, 'x.journal'), 'two entries more');
  utimesSync(join(folder, 'x.journal'), new Date(), new Date(Date.now() + 60_000));
  await waitForRecords(3);
  expect(recording.bodies()).toEqual(['m1', 'm2', 'm3']);
  expect(runner.restarts().get('journald')).toBe(1);
});

test.runIf(canWriteJournals)('has an answer while the journal is quiet, and after more was written to it', async () => {
  writeJournal(folder, 'a.journal', numbered(0, 5));
  const followed = await start();
  await waitForRecords(5);
  await followed.answer?.();
  writeJournal(folder, 'a.journal', numbered(5, 5));
  await followed.answer?.();
  await waitForRecords(10);
  await followed.answer?.();
});

test.runIf(process.platform === 'linux')('goes on behind a line that is no entry', async () => {
  writeFileSync(join(folder, 'a.journal'), '');
  const program = join(folder, 'journalctl');
  const entry = JSON.stringify({ __CURSOR: 's=1a;i=2', MESSAGE: 'behind it' });
  writeFileSync(program, `#!/bin/sh\nprintf '%s\\n' null 7 '${entry}'\nexec sleep 60\n`);
  chmodSync(program, 0o755);
  const started = await start(program);
  await waitForRecords(1);
  expect(recording.bodies()).toEqual(['behind it']);
  expect(started.health()).toMatchObject({ state: 'running', dropped: 2 });
});
