import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Profile } from '../../../../../agent/profile/profile.ts';
import { createFilesSource } from '../../../../../agent/sources/files/source.ts';
import type { Source } from '../../../../../agent/sources/source.ts';
import { patient } from '../../../../patience.ts';
import { createRecordingPipeline, type RecordingPipeline } from '../recording-pipeline.ts';
import { createSourceContext } from '../source-context.ts';

let folder: string;
let recording: RecordingPipeline;
let source: Source | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sx-formats-'));
  recording = createRecordingPipeline();
});
afterEach(async () => {
  await source?.close();
  source = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const path = (name: string) => join(folder, name);

async function start(format: Omit<Profile['files']['formats'][number], 'name' | 'match'>, maxLineBytes = 64 * 1024) {
  const { context } = createSourceContext({
    logs: recording.pipeline,
    settings: { 'agent.files.pollEvery': 20, 'agent.files.maxLineBytes': maxLineBytes },
    profile: {
      files: {
        priority: 'normal',
        follow: [path('*.log')],
        exclude: [],
        formats: [{ name: 'app', match: [path('app*')], ...format }],
      },
    },
  });
  source = createFilesSource(context);
  await source.start();
}

const bodies = () => recording.bodies();
const waitFor = (wanted: readonly string[]) => vi.waitFor(() => expect(bodies()).toEqual(wanted), patient);
const parts = () => recording.records.map(({ attributes }) => attributes?.['sextant.log.split']);

const trace = '2026-01-02 ERROR it broke\n  at one\n  at two\n';

test('makes one record of the lines up to the next beginning', async () => {
  writeFileSync(path('app.log'), `${trace}2026-01-03 fine\n${trace}`);
  await start({ multiline: { start: '^\\d{4}-', flushAfter: 60_000 } });
  await waitFor([trace.trimEnd(), '2026-01-03 fine']);
  expect(recording.records[0]?.severityText).toBe('ERROR');
  appendFileSync(path('app.log'), '  at three\r\n2026-01-04 next\n');
  await waitFor([trace.trimEnd(), '2026-01-03 fine', `${trace}  at three`]);
});

test('comes to an end with an expression that repeats what it repeats, over lines that it does not match', async () => {
  await start({ multiline: { start: '^(a+)+$', maxLines: 10_000, flushAfter: 100 } }, 2 ** 21);
  const most = `${'a'.repeat(2 ** 20)}!\n${`${'a'.repeat(255)}!\n`.repeat(1000)}`;
  writeFileSync(path('app.log'), `${most}aaa\nnext\naa\n`);
  await vi.waitFor(() => expect(bodies().map(({ length }) => length)).toEqual([most.length - 1, 8, 2]), patient);
  expect(bodies().slice(1)).toEqual(['aaa\nnext', 'aa']);
});

test('makes one record of a line and those that go on with it', async () => {
  writeFileSync(path('app.log'), 'first\n\tmore\nsecond\nthird\n\tmore\n\tand more\nlast\n');
  await start({ multiline: { continue: '^\\s', flushAfter: 60_000 } });
  await waitFor(['first\n\tmore', 'second', 'third\n\tmore\n\tand more']);
});

test('hands out a record that nothing was added to for a while, and only whole lines of it', async () => {
  writeFileSync(path('app.log'), 'first\n\tmore\n\tunfin');
  await start({ multiline: { continue: '^\\s', flushAfter: 200 } });
  await waitFor(['first\n\tmore']);
  appendFileSync(path('app.log'), 'ished\nsecond\n');
  await waitFor(['first\n\tmore', '\tunfinished', 'second']);
});

test('keeps a record together over a restart', async () => {
  writeFileSync(path('app.log'), 'zero\nfirst\n');
  await start({ multiline: { continue: '^\\s', flushAfter: 60_000 } });
  await waitFor(['zero']);
  recording.crash();
  await source?.close();
  appendFileSync(path('app.log'), '\tmore\nsecond\n');
  await start({ multiline: { continue: '^\\s', flushAfter: 60_000 } });
  await waitFor(['zero', 'first\n\tmore']);
});

test('splits a record with too many lines, marks the parts and loses none', async () => {
  const lines = Array.from({ length: 25 }, (_, index) => `\tline ${index}`);
  writeFileSync(path('app.log'), `first\n${lines.join('\n')}\nsecond\nthird\n`);
  await start({ multiline: { continue: '^\\s', maxLines: 10, flushAfter: 60_000 } });
  await waitFor([
    ['first', ...lines.slice(0, 9)].join('\n'),
    lines.slice(9, 19).join('\n'),
    lines.slice(19).join('\n'),
    'second',
  ]);
  expect(parts()).toEqual(['start', 'middle', 'end', undefined]);
});

test('hands out records larger than a chunk in parts', async () => {
  const line = `\t${'x'.repeat(99)}`;
  const count = 8_000;
  writeFileSync(path('app.log'), `first\n${`${line}\n`.repeat(count)}second\nthird\n`);
  await start({ multiline: { continue: '^\\s', maxLines: 10_000, flushAfter: 60_000 } }, 512 * 1024);
  await vi.waitFor(() => expect(bodies().at(-1)).toBe('second'), patient);
  expect(bodies().slice(0, -1).join('\n')).toBe(['first', ...Array(count).fill(line)].join('\n'));
  expect(new Set(recording.records.map(({ attributes }) => attributes?.['log.record.uid'])).size).toBe(
    recording.records.length,
  );
});

test('reads a code page where the profile names one, and believes a byte order mark before it', async () => {
  writeFileSync(path('app.log'), Buffer.from('Gr\xf6\xdfe\n', 'latin1'));
  writeFileSync(path('app2.log'), '\ufeffGröße\n', 'utf16le');
  await start({ encoding: 'windows-1252' });
  await waitFor(['Größe', 'Größe']);
});

test.each(['utf-16le', 'utf-16be', 'auto'] as const)(
  'reads UTF-16 without a byte order mark as %s',
  async (encoding) => {
    const bytes = Buffer.from(`${encoding === 'auto' ? 'plain' : 'Ж'} text\r\nsecond line\r\n`, 'utf16le');
    writeFileSync(path('app.log'), encoding === 'utf-16be' ? bytes.swap16() : bytes);
    await start({ encoding });
    await waitFor([encoding === 'auto' ? 'plain text' : 'Ж text', 'second line']);
  },
);
