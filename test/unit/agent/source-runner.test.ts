import { pino } from 'pino';
import { afterEach, expect, test, vi } from 'vitest';
import type { Profile } from '../../../agent/profile/profile.ts';
import { createSourceRunner, type SourceRunner } from '../../../agent/source-runner.ts';
import type { Source, SourceContext, SourceFactory } from '../../../agent/sources/source.ts';
import { emptyProfile } from './sources/source-context.ts';

const log = pino({ level: 'silent' });
const patience = { startMs: 300, closeMs: 100, lookEveryMs: 20, unansweredLooks: 15 };
const patient = { timeout: 20_000, interval: 10 };
let runner: SourceRunner | undefined;
afterEach(() => runner?.close());

interface Made extends SourceFactory {
  made: number;
  running: number;
}

/** A source of the given behaviour, and how often it was made. */
function factory(
  name: string,
  behave: (made: number) => Partial<Source>,
  sections: SourceFactory['sections'] = [],
): Made {
  const self: Made = {
    name,
    sections,
    made: 0,
    running: 0,
    create: () => {
      self.made += 1;
      let records = 0;
      return {
        name,
        async start() {
          self.running += 1;
        },
        async close() {
          self.running -= 1;
        },
        health: () => ({ name, state: 'running', records: ++records, dropped: 0 }),
        answer: async () => {},
        ...behave(self.made),
      };
    },
  };
  return self;
}

function run(factories: Made[], flush = async () => {}): SourceRunner {
  runner = createSourceRunner(
    {
      factories,
      contextOf: (profile: Profile) => ({ profile }) as SourceContext,
      flush,
      isBlocked: () => false,
      log,
    },
    { profile: emptyProfile, patience },
  );
  return runner;
}
const still = { health: () => ({ name: 'x', state: 'running' as const, records: 7, dropped: 0 }) };

test('starts a source again that failed, says so meanwhile, and leaves the others alone', async () => {
  const broken = factory('broken', (made) => ({
    async start() {
      if (made === 1) throw new Error('broken is broken');
    },
  }));
  const whole = factory('whole', () => ({}));
  const sources = run([broken, whole]);
  await sources.start();
  expect(whole.running).toBe(1);
  expect(sources.health()).toMatchObject([
    { name: 'broken', state: 'failing', detail: 'broken is broken' },
    { name: 'whole', state: 'running' },
  ]);
  await vi.waitFor(() => expect(sources.health()[0]?.state).toBe('running'), patient);
  expect(sources.restarts().get('broken')).toBe(1);
  expect(sources.health()[0]?.restarts).toBe(1);
  expect(whole.made).toBe(1);
});

test('does not wait for ever for a source that hangs in its start or its close', async () => {
  const hangs = factory('hangs', () => ({ start: () => new Promise(() => {}), close: () => new Promise(() => {}) }));
  const whole = factory('whole', () => ({}));
  const sources = run([hangs, whole]);
  await sources.start();
  expect(sources.health()[0]).toMatchObject({ state: 'failing', detail: 'did not start within 0.3 s' });
  expect(whole.running).toBe(1);
});

test('the watchdog makes a source anew that neither progresses nor answers, and no other', async () => {
  const stuck = factory('stuck', (made) => ({
    ...still,
    answer: made === 1 ? () => new Promise(() => {}) : async () => {},
  }));
  const idle = factory('idle', () => ({ ...still, answer: async () => {} }));
  const busy = factory('busy', () => ({ answer: () => new Promise(() => {}) }));
  const sources = run([stuck, idle, busy]);
  await sources.start();
  await vi.waitFor(() => expect(sources.restarts().get('stuck')).toBe(1), patient);
  await vi.waitFor(() => expect(sources.health()[0]?.state).toBe('running'), patient);
  expect([idle.made, busy.made]).toEqual([1, 1]);
});

test('the watchdog blames no source for the time in which the whole process stood still', async () => {
  const slow = factory('slow', () => ({ ...still, answer: () => new Promise((resolve) => setTimeout(resolve, 30)) }));
  let asked = 0;
  const counts = factory('counts', () => ({
    ...still,
    answer: async () => {
      asked += 1;
    },
  }));
  const sources = run([slow, counts]);
  await sources.start();
  for (let turn = 1; turn <= 3; turn += 1) {
    await vi.waitFor(() => expect(asked).toBeGreaterThanOrEqual(turn), patient);
    // Longer than fifteen looks: a virtual machine that was paused, a core that others had.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
  }
  const before = asked;
  await vi.waitFor(() => expect(asked).toBeGreaterThan(before + 3), patient);
  expect(slow.made).toBe(1);
});

test('a source that throws in a timer of its own is started again and the process lives', async () => {
  const throws = factory('throws', (made) => ({
    async start() {
      if (made === 1) setTimeout(() => throwLater(), 5);
    },
  }));
  const whole = factory('whole', () => ({}));
  const sources = run([throws, whole]);
  const throwLater = () => {
    // As the process's own handler would: vitest has one that fails the run.
    expect(sources.takeError(new Error('nobody catches this'))).toBe(true);
  };
  await sources.start();
  await vi.waitFor(() => expect(sources.restarts().get('throws')).toBe(1), patient);
  expect(whole.made).toBe(1);
  expect(sources.takeError(new Error('not from a source'))).toBe(false);
});

test('a source whose health throws is failing, not a failure of the agent', async () => {
  const sources = run([
    factory('broken', () => ({
      health: () => {
        throw new Error('no idea');
      },
    })),
  ]);
  await sources.start();
  expect(sources.health()[0]).toMatchObject({ name: 'broken', state: 'failing', detail: 'no idea' });
});

test('another profile makes only those sources anew whose sections changed, after all was made durable', async () => {
  const steps: string[] = [];
  const files = factory(
    'files',
    () => ({
      start: async () => void steps.push('start'),
      close: async () => void steps.push('close'),
    }),
    ['files'],
  );
  const host = factory('host', () => ({}), ['metrics']);
  const sources = run([files, host], async () => void steps.push('flush'));
  await sources.start();
  const changed = { ...emptyProfile, files: { ...emptyProfile.files, follow: ['/x'] } };
  expect(await sources.useProfile(changed)).toEqual(['files']);
  expect(await sources.useProfile(structuredClone(changed))).toEqual([]);
  expect(steps).toEqual(['start', 'close', 'flush', 'start']);
  expect([files.made, host.made]).toEqual([2, 1]);
});

test('a profile that comes while a source is being made anew leaves one source and not two', async () => {
  const files = factory(
    'files',
    (made) => ({
      ...still,
      // The first one throws where the watchdog asks.
      answer: async () => {
        if (made === 1) throw new Error('broken');
      },
    }),
    ['files'],
  );
  const flushes: (() => void)[] = [];
  const sources = run([files], () => new Promise((resolve) => flushes.push(resolve)));
  await sources.start();
  await vi.waitFor(() => expect(flushes).toHaveLength(1), patient);
  const applied = sources.useProfile({ ...emptyProfile, files: { ...emptyProfile.files, follow: ['/x'] } });
  await vi.waitFor(() => expect(flushes).toHaveLength(2), patient);
  for (const flush of flushes) flush();
  await applied;
  expect([files.running, files.made]).toEqual([1, 2]);
});

test.each(['fails', 'hangs'])(
  'a start that %s after another profile has replaced it harms no successor',
  async (how) => {
    const late = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const source = factory(
      'files',
      (made) => {
        if (made === 1) return { start: () => Promise.reject(new Error('the first one fails')) };
        if (made > 2) return {};
        return {
          start() {
            begun.resolve();
            return late.promise;
          },
          async close() {},
        };
      },
      ['files'],
    );
    const sources = run([source]);
    await sources.start();
    await begun.promise;
    await sources.useProfile({ ...emptyProfile, files: { ...emptyProfile.files, follow: ['/x'] } } as Profile);
    expect(sources.health()[0]?.state).toBe('running');
    if (how === 'fails') late.reject(new Error('its mount is dead'));
    await new Promise((resolve) => setTimeout(resolve, 2 * patience.startMs));
    expect(sources.health()).toMatchObject([{ name: 'files', state: 'running' }]);
    expect(source.made).toBe(3);
  },
);
