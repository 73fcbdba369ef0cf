import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ServiceStatusNumbers } from '../../../../agent/service/status.ts';
import { runWindowsService } from '../../../../agent/service/windows-service.ts';
import { SextantError } from '../../../../errors/sextant-error.ts';
import { createLog } from '../../../../logging/log.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const [stopped, startPending, stopPending, running] = [1, 2, 3, 4];

/** A service manager that remembers what it was told. */
function serviceManager() {
  const told: ServiceStatusNumbers[] = [];
  const events: string[] = [];
  const texts: string[] = [];
  const ended = Promise.withResolvers<void>();
  let control: (control: 'stop' | 'preshutdown') => void = () => undefined;
  return {
    told,
    events,
    texts,
    states: () => told.map(([, state]) => state),
    control: (what: 'stop' | 'preshutdown') => control(what),
    environment: {
      async connect(onControl: typeof control) {
        control = onControl;
        return {
          setStatus(status: ServiceStatusNumbers) {
            told.push(status);
            if (status[1] === stopped) ended.resolve();
          },
          ended: ended.promise,
        };
      },
      reportEvent(event: string, text: string) {
        events.push(event);
        texts.push(text);
      },
      log: createLog('test', 'silent'),
    },
  };
}

test('is starting with a new checkpoint every second until it collects, and running then', async () => {
  const manager = serviceManager();
  const started = Promise.withResolvers<{ about: string; close(): Promise<void> }>();
  const exit = runWindowsService(() => started.promise, manager.environment);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(manager.states()).toEqual([startPending, startPending, startPending, startPending]);
  expect(manager.told.map((status) => status[5])).toEqual([1, 2, 3, 4]);
  expect(manager.told.every(([, , accepts]) => accepts === 0)).toBe(true);
  started.resolve({ about: '', close: async () => undefined });
  await vi.advanceTimersByTimeAsync(5_000);
  // SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_PRESHUTDOWN, and no checkpoints any more.
  expect(manager.told.at(-1)).toEqual([0x10, running, 0x101, 0, 0, 0, 0]);
  expect(manager.told).toHaveLength(5);
  manager.control('stop');
  await vi.runAllTimersAsync();
  expect(await exit).toBe(0);
});

test.each(['stop', 'preshutdown'] as const)('flushes at %s before it says that it has stopped', async (control) => {
  const manager = serviceManager();
  const closed = Promise.withResolvers<void>();
  const close = vi.fn(() => closed.promise);
  const exit = runWindowsService(async () => ({ about: '', close }), manager.environment);
  await vi.advanceTimersByTimeAsync(0);
  manager.control(control);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(close).toHaveBeenCalledOnce();
  expect(manager.states().slice(-3)).toEqual([stopPending, stopPending, stopPending]);
  closed.resolve();
  expect(await exit).toBe(0);
  expect(manager.told.at(-1)).toEqual([0x10, stopped, 0, 0, 0, 0, 0]);
  expect(manager.events).toEqual(['started', 'stopped']);
});

test('tells of a start that failed with a code, so that the manager tries again', async () => {
  const manager = serviceManager();
  const exit = await runWindowsService(() => Promise.reject(new Error('not enrolled')), manager.environment);
  expect(exit).toBe(1);
  expect(manager.told.at(-1)).toEqual([0x10, stopped, 0, 1066, 1, 0, 0]);
  expect(manager.events).toEqual(['startFailed']);
});

test('says in the event what to do about a start that failed', async () => {
  const manager = serviceManager();
  const failure = new SextantError('SX_CLIENT_CERTIFICATE', 'this node has no identity');
  await runWindowsService(() => Promise.reject(failure), manager.environment);
  expect(manager.texts).toEqual([
    expect.stringMatching(
      /could not start: this node has no identity\nWhat to do: enrol this node .*\(SX_CLIENT_CERTIFICATE\)/,
    ),
  ]);
});

test('does not wait for ever for an agent that does not stop', async () => {
  const manager = serviceManager();
  const never = new Promise<void>(() => undefined);
  const exit = runWindowsService(async () => ({ about: '', close: () => never }), manager.environment);
  await vi.advanceTimersByTimeAsync(0);
  manager.control('stop');
  await vi.advanceTimersByTimeAsync(15_000);
  expect(await exit).toBe(1);
  expect(manager.told.at(-1)?.[1]).toBe(stopped);
});

test('heeds a stop that comes while it starts', async () => {
  const manager = serviceManager();
  const started = Promise.withResolvers<{ about: string; close(): Promise<void> }>();
  const exit = runWindowsService(() => started.promise, manager.environment);
  await vi.advanceTimersByTimeAsync(0);
  manager.control('stop');
  started.resolve({ about: '', close: async () => undefined });
  expect(await exit).toBe(0);
  expect(manager.states()).toEqual([startPending, running, stopPending, stopped]);
});
