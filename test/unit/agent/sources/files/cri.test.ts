import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { loadProfile } from '../../../../../agent/profile/load.ts';
import { type ChunkEnd, createChunkEmitter } from '../../../../../agent/sources/files/emit.ts';
import { podAttributes } from '../../../../../agent/sources/files/pod-path.ts';
import { createFilesSource } from '../../../../../agent/sources/files/source.ts';
import type { Line } from '../../../../../agent/sources/line-sink.ts';
import type { Source } from '../../../../../agent/sources/source.ts';
import { patient } from '../../../../patience.ts';
import { createRecordingPipeline } from '../recording-pipeline.ts';
import { createSourceContext } from '../source-context.ts';

const now = Date.parse('2026-11-28T12:00:00Z');
const path = '/var/log/pods/kube-system_coredns-7db6_9f6c1e5a-0001/coredns/3.log';
const time = (second: number, fraction = '123456789'): string =>
  `2026-11-28T10:00:${String(second).padStart(2, '0')}.${fraction}Z`;

interface Emitted {
  body: string;
  stream: string | undefined;
  part: string | undefined;
  at: string;
  severity: string | undefined;
  place: number;
}

/** A file that is read in chunks; `read` takes so many bytes behind its position, as a look at the file would. */
function follow(content: Buffer, { maxLineBytes = 1000, chunkBytes = 64 * 1024 } = {}) {
  const records: Emitted[] = [];
  const emit = createChunkEmitter({
    sink: {
      write({ bytes, start, end, origin, place, seconds, nanos, severity, part }: Line) {
        const stream = origin.attributes['log.iostream'];
        const at = `${seconds - Date.parse('2026-11-28T10:00:00Z') / 1000}.${nanos}`;
        records.push({ body: bytes.toString('utf8', start, end), stream, part, at, severity: severity?.text, place });
      },
    },
    formatOf: () => ({ encoding: undefined, multiLine: undefined, isCri: true, maxLineBytes }),
    chunkBytes,
    nowMs: () => now,
  });
  let position: Record<string, unknown> & { offset: number } = { path, id: 'a', offset: 0 };
  return {
    records,
    read(until: number, end: ChunkEnd = 'more'): number {
      // Each time another file object, as after a restart: nothing but the position is left.
      const file = { position: JSON.parse(JSON.stringify(position)), head: Buffer.alloc(0) };
      const { consumed } = emit(
        file as never,
        content.subarray(position.offset, Math.min(until, position.offset + chunkBytes)),
        end,
      );
      position = file.position;
      return consumed;
    },
    position: () => position,
  };
}
const readAll = (text: string, options = {}) => {
  const file = follow(Buffer.from(text), options);
  file.read(text.length);
  return file;
};

describe('lines', () => {
  test('have their time, their stream and their text', () => {
    const { records } = readAll(
      `${time(1)} stdout F plain text\n${time(2, '5')} stderr F E1128 10:00:02.500000       1 main.go:12] "it broke"\n2026-11-28T11:00:03+01:00 stdout F:tag level=warn x\n`,
    );
    expect(records).toMatchObject([
      { body: 'plain text', stream: 'stdout', at: '1.123456789', part: undefined, severity: undefined },
      {
        body: 'E1128 10:00:02.500000       1 main.go:12] "it broke"',
        ...{ stream: 'stderr', at: '2.500000000', severity: 'E' },
      },
      { body: 'level=warn x', stream: 'stdout', at: '3.0', severity: 'warn' },
    ]);
  });

  test('that are cut are joined, also when the other stream writes between their parts', () => {
    const { records } = readAll(
      `${time(1)} stdout P one \n${time(2)} stderr F between\n${time(3)} stdout P two \n${time(4)} stdout F three\n${time(5)} stdout F \n${time(6)} stdout F last\n`,
    );
    expect(records.map(({ body, stream, at, part }) => [body, stream, at.split('.')[0], part])).toEqual([
      ['one two three', 'stdout', '1', undefined],
      ['between', 'stderr', '2', undefined],
      ['last', 'stdout', '6', undefined],
    ]);
  });

  test.each([
    'no header at all',
    '2026-11-28T10:00:01Z stdin F other stream',
    '2026-11-28T10:00:01Z stdout X other tag',
    '2026-11-28T10:00:01Z stdout Full',
    '2026-11-28T10:00:01Z stdout',
    '2026 stdout F no time',
    `${'9'.repeat(60)} stdout F x`,
  ])('without a right header stay as they are: %s', (line) => {
    const { records } = readAll(`${line}\n${time(2)} stdout F next\n`);
    expect(records.map(({ body, stream }) => [body, stream])).toEqual([
      [line, undefined],
      ['next', 'stdout'],
    ]);
  });

  test('that grow beyond the limit come in parts, in memory of a chunk', () => {
    const cut = Array.from({ length: 10 }, (_, n) => `${time(n)} stdout P ${String(n).repeat(400)}\n`).join('');
    const { records } = readAll(`${cut}${time(11)} stdout F end\n`);
    expect(records.map(({ body, part }) => [body.length, part])).toEqual([
      [1200, 'start'],
      [1200, 'middle'],
      [1200, 'middle'],
      [403, 'end'],
    ]);
    expect(new Set(records.map(({ place }) => place)).size).toBe(4);
  });
});

test('the position stays before a line that is not whole, and what is told is not told again', () => {
  const whole = `${time(1)} stdout F before\n`;
  const text = `${whole}${time(2)} stdout P one \n${time(3)} stderr F between\n${time(4)} stdout F two\n`;
  const file = follow(Buffer.from(text));
  file.read(text.indexOf(time(4)));
  expect(file.position()).toMatchObject({ offset: whole.length });
  expect(file.records.map(({ body }) => body)).toEqual(['before']);
  file.read(text.length);
  expect(file.records.map(({ body }) => body)).toEqual(['before', 'one two', 'between']);
  expect(file.position()).toMatchObject({ offset: text.length });
});

test('a line whose rest does not come is handed out as a part, and its rest as another', () => {
  const first = `${time(1)} stdout P one \n`;
  const text = `${first}${time(4)} stdout F two\n${time(5)} stdout F three\n`;
  const file = follow(Buffer.from(text));
  expect(file.read(first.length)).toBe(0);
  file.read(first.length, 'flush');
  expect(file.position()).toMatchObject({ offset: first.length, streams: ['stdout'] });
  file.read(text.length);
  expect(file.position()).not.toHaveProperty('streams');
  expect(file.records.map(({ body, part }) => [body, part])).toEqual([
    ['one ', 'start'],
    ['two', 'end'],
    ['three', undefined],
  ]);
});

test('a chunk that is full of lines behind one that is not whole goes on', () => {
  const text = `${time(1)} stdout P one \n${`${time(2)} stderr F ${'x'.repeat(50)}\n`.repeat(20)}${time(3)} stdout F two\n`;
  const file = follow(Buffer.from(text), { chunkBytes: 512 });
  for (let reads = 0; file.position().offset < text.length && reads < 50; reads += 1) file.read(text.length);
  expect(file.records.map(({ body, part }) => `${body.trim().slice(0, 3)} ${part ?? ''}`.trim())).toEqual([
    'one start',
    ...Array(20).fill('xxx'),
    'two end',
  ]);
});

test('read in whatever chunks, with a restart after each, every line is there once and whole', () => {
  const line = fc.record({
    stream: fc.constantFrom('stdout', 'stderr'),
    tag: fc.constantFrom('P', 'F', 'F'),
    text: fc.string({ unit: fc.constantFrom('a', 'ä', ' ', '2', 'T'), maxLength: 30 }),
    damaged: fc.integer({ min: 0, max: 20 }).map((n) => n === 0),
  });
  const steps = fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), steps, (lines, sizes) => {
      const told = lines.map(({ stream, tag, text, damaged }, n) =>
        damaged ? `damaged ${n}` : `${time(n)} ${stream} ${tag} ${text}`,
      );
      const content = Buffer.from(told.map((one) => `${one}\n`).join(''));
      const file = follow(content);
      for (let until = 0, turn = 0; until < content.length; turn += 1) {
        until = Math.min(content.length, until + (sizes[turn % sizes.length] ?? 1));
        file.read(until);
      }
      file.read(content.length, 'final');
      expect(file.position().offset).toBe(content.length);
      for (const stream of ['stdout', 'stderr'] as const) {
        const wanted: string[] = [];
        let open = '';
        for (const one of lines.filter((each) => !each.damaged && each.stream === stream)) {
          open += one.text;
          if (one.tag === 'P') continue;
          if (open) wanted.push(open);
          open = '';
        }
        if (open) wanted.push(open);
        const found = file.records.filter((record) => record.stream === stream);
        expect(found.map(({ body }) => body)).toEqual(wanted);
        expect(found.slice(0, -1).every(({ part }) => part === undefined)).toBe(true);
      }
      const damaged = file.records.filter(({ stream }) => stream === undefined).map(({ body }) => body);
      expect(damaged).toEqual(told.filter((one) => one.startsWith('damaged')));
      const places = file.records.map(({ place }) => place);
      expect(places).toEqual(places.toSorted((a, b) => a - b));
      expect(new Set(places).size).toBe(places.length);
    }),
    { seed: 20261128, numRuns: 300 },
  );
});

test('the path tells namespace, pod and container, rotated and on Windows too', () => {
  const wanted = {
    'k8s.namespace.name': 'kube-system',
    'k8s.pod.name': 'coredns-7db6',
    'k8s.pod.uid': '9f6c1e5a-0001',
    'k8s.container.name': 'coredns',
    'k8s.container.restart_count': '3',
  };
  expect(podAttributes(path)).toEqual(wanted);
  expect(podAttributes(`${path}.20261128-100000.gz`)).toEqual(wanted);
  expect(podAttributes(`C:${path.replaceAll('/', '\\')}`)).toEqual(wanted);
  expect(podAttributes('/var/log/pods/app.log')).toEqual({});
});

let folder: string;
let source: Source | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sx-cri-'));
});
afterEach(async () => {
  await source?.close();
  source = undefined;
  rmSync(folder, { recursive: true, force: true });
});

test('the role pack of AKS has the logs of pods read so, over a restart in the middle of a line', async () => {
  const { files } = loadProfile({ names: ['aks'] }).profile;
  const here = (glob: string): string => glob.replace('/var/log/pods', join(folder, 'pods'));
  const pods = files.formats
    .filter(({ name }) => name === 'pods')
    .map((each) => ({ ...each, match: each.match.map(here) }));
  expect(pods).toMatchObject([{ container: 'cri' }]);
  const recording = createRecordingPipeline();
  const start = async () => {
    const { context } = createSourceContext({
      logs: recording.pipeline,
      settings: { 'agent.files.pollEvery': 20 },
      profile: { files: { ...files, follow: files.follow.map(here).slice(-1), formats: pods } },
    });
    source = createFilesSource(context);
    await source.start();
  };
  const container = join(folder, 'pods/shop_web-0_1b2c/nginx');
  mkdirSync(container, { recursive: true });
  const log = join(container, '0.log');
  const at = () => new Date().toISOString();
  writeFileSync(log, `${at()} stdout F one\n${at()} stdout P two \n`);
  await start();
  await vi.waitFor(() => expect(recording.bodies()).toEqual(['one']), patient);
  await source?.close();
  recording.restart();
  appendFileSync(log, `${at()} stderr F three\n${at()} stdout F two\n`);
  await start();
  await vi.waitFor(() => expect(recording.bodies()).toEqual(['one', 'two two', 'three']), patient);
  expect(recording.records[1]?.attributes).toMatchObject({
    'k8s.namespace.name': 'shop',
    'k8s.pod.name': 'web-0',
    'k8s.container.name': 'nginx',
    'log.iostream': 'stdout',
    'log.file.path': log,
  });
});
