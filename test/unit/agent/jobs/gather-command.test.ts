import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createFileQuestions } from '../../../../agent/filesystems/file-questions.ts';
import { gatherCommand } from '../../../../agent/jobs/gather-command.ts';
import { createRedactor } from '../../../../bundle/redaction/redactor.ts';
import { createVolumeWriter } from '../../../../bundle/volume-writer.ts';

async function entriesOf(options: { lines: number; maxBytes: number; prefix?: Buffer }) {
  const folder = await mkdtemp(join(tmpdir(), 'sextant-command-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const writer = createVolumeWriter({ folder, base: 'n1' });
  let counted = 0;
  const outcome = await gatherCommand(
    'r/journal',
    {
      command: ['seq', '-f', 'entry %06g', String(options.lines)],
      ...{ path: 'r/journal.ndjson', maxBytes: options.maxBytes, linesAre: 'entries' },
      prefix: options.prefix,
    },
    {
      ...{ writer, scratch: folder, fromUnixMs: 0, untilUnixMs: 1, nowMs: Date.now },
      redactor: createRedactor({ key: Buffer.alloc(32), profile: 'standard', names: [] }),
      ...{ questions: createFileQuestions({ most: 4 }), signal: new AbortController().signal },
      maxBytesOf: () => Number.POSITIVE_INFINITY,
      onProgress: () => undefined,
      onBytes: () => undefined,
      onRecords: (count) => {
        counted += count;
      },
      onExpected: () => undefined,
      onEntry: () => undefined,
    },
  );
  await writer.close();
  return { outcome, counted };
}

test('lines that are entries are counted, the marks of Sextant’s own are not', async () => {
  const whole = await entriesOf({ lines: 1000, maxBytes: 2 ** 20, prefix: Buffer.from('{"MESSAGE":"cut"}\n') });
  expect(whole).toMatchObject({ outcome: { state: 'ok' }, counted: 1000 });
});

test('of an output that is cut in the middle the entries that are left are counted', async () => {
  const { outcome, counted } = await entriesOf({ lines: 1000, maxBytes: 6500 });
  expect(outcome.state).toBe('partial');
  // Each takes 13 bytes; of the one that the cut goes through nothing is counted.
  const leftOut = Math.ceil((outcome.leftOutBytes ?? 0) / 13);
  expect(counted).toBe(1000 - leftOut);
});
