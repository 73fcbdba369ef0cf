import { expect, test, vi } from 'vitest';
import { createPolledSource, type PolledTask, placeInInterval, untilNext } from '../../../../agent/sources/poller.ts';
import { createRecordingPipeline } from './recording-pipeline.ts';
import { createSourceContext } from './source-context.ts';

const catalogue = { 'test.value': ['gauge', '1', 'A value.'] } as const;
type Task = PolledTask<'test.value'>;

function make(tasks: Task[], patienceMs?: number) {
  const { context, reported } = createSourceContext({ logs: createRecordingPipeline().pipeline });
  return {
    source: createPolledSource(context, {
      name: 'test',
      catalogue,
      tasks,
      placeOf: () => 0,
      ...(patienceMs !== undefined && { patienceMs }),
    }),
    reported,
  };
}

test('reports what each task finds, again and again', async () => {
  let value = 0;
  const { source, reported } = make([
    {
      name: 'one',
      everyMs: 20,
      ask: async () => {
        value += 1;
        return { samples: [{ metric: 'test.value', value }] };
      },
    },
  ]);
  await source.start();
  await vi.waitFor(() => expect(reported.length).toBeGreaterThan(2), { timeout: 20_000 });
  expect(source.health()).toMatchObject({ name: 'test', state: 'running' });
  await source.close();
  const after = reported.length;
  expect(reported.map((sample) => sample.value)).toEqual(Array.from({ length: after }, (_, index) => index + 1));
});

test('is failing, with its reason, once a task has failed twice, and running again when it works', async () => {
  let broken = true;
  const { source } = make([
    {
      name: 'one',
      everyMs: 10,
      ask: async () => {
        if (broken) throw new Error('the BMC is gone\nstack');
        return { samples: [] };
      },
    },
    { name: 'two', everyMs: 10, ask: async () => undefined },
  ]);
  await source.start();
  await vi.waitFor(() => expect(source.health().state).toBe('failing'), { timeout: 20_000 });
  expect(source.health().detail).toBe('one: the BMC is gone');
  broken = false;
  await vi.waitFor(() => expect(source.health().state).toBe('running'), { timeout: 20_000 });
  await source.close();
});

test('is absent when the machine has nothing of all that, and names it', async () => {
  const { source } = make([{ name: 'disks', everyMs: 60_000, ask: async () => undefined }]);
  await source.start();
  await vi.waitFor(() => expect(source.health().state).toBe('absent'), { timeout: 20_000 });
  expect(source.health().detail).toBe('the machine has nothing of disks');
  await source.close();
});

test('closing ends what is asked just now', async () => {
  const ended: unknown[] = [];
  const { source } = make([
    {
      name: 'slow',
      everyMs: 1_000,
      ask: (signal) =>
        new Promise((_resolve, reject) => {
          ended.push('asked');
          signal.addEventListener('abort', () => reject(signal.reason));
        }),
    },
  ]);
  await source.start();
  await vi.waitFor(() => expect(ended).toEqual(['asked']), { timeout: 20_000 });
  await source.close();
  expect(source.health().state).toBe('starting');
});

test('nodes of a fleet ask at different times, each always at its own', () => {
  const places = Array.from({ length: 16 }, (_, index) => placeInInterval(`node-${index}`, 'disks'));
  expect(places.every((place) => place >= 0 && place < 1)).toBe(true);
  expect(new Set(places.map((place) => Math.floor(place * 64))).size).toBeGreaterThan(12);
  const hour = 3_600_000;
  const now = Date.parse('2026-11-28T10:07:00Z');
  for (const place of places) {
    const at = now + untilNext(now, hour, place);
    expect(((at / hour) % 1) - place).toBeCloseTo(0, 6);
    expect(at - now).toBeGreaterThanOrEqual(hour / 2);
    expect(at - now).toBeLessThan(hour * 1.5);
  }
});

test('a task that gives no answer is failing at once and not asked again before it has; the others go on', async () => {
  let asked = 0;
  let answer = (): void => undefined;
  const { source, reported } = make(
    [
      {
        name: 'hangs',
        everyMs: 10,
        async ask() {
          asked += 1;
          if (asked === 1) await new Promise<void>((resolve) => (answer = resolve));
          return { samples: [] };
        },
      },
      { name: 'works', everyMs: 10, ask: async () => ({ samples: [{ metric: 'test.value', value: 1 }] }) },
    ],
    50,
  );
  await source.start();
  await vi.waitFor(() => expect(source.health().state).toBe('failing'), { timeout: 20_000 });
  expect(source.health().detail).toMatch(/^hangs: (it gives no answer|no answer since 20)/);
  await vi.waitFor(() => expect(source.health().detail).toMatch(/^hangs: no answer since 20/), { timeout: 20_000 });
  const before = reported.length;
  await vi.waitFor(() => expect(reported.length).toBeGreaterThan(before + 2), { timeout: 20_000 });
  expect(asked).toBe(1);
  answer();
  await vi.waitFor(() => expect(source.health().state).toBe('running'), { timeout: 20_000 });
  await source.close();
});

test('can be closed while a task gives no answer', async () => {
  let asked = false;
  const { source } = make([
    {
      name: 'hangs',
      everyMs: 10,
      ask() {
        asked = true;
        return new Promise(() => undefined);
      },
    },
  ]);
  await source.start();
  await vi.waitFor(() => expect(asked).toBe(true), { timeout: 20_000 });
  await source.close();
});
