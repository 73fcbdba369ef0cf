import { Check } from 'typebox/value';
import { expect, test } from 'vitest';
import { startNodeGather } from '../../../../collector/bundles/node-gather.ts';
import { createControlHub } from '../../../../collector/control/hub.ts';
import { type AgentMessage, type CollectorMessage, GatherProgress } from '../../../../protocol/control.ts';

const bundleId = 'b1b1b1b1';

function site(options: { deadlineMs?: number; reachWithinMs?: number; complete?: boolean; nowMs?: () => number } = {}) {
  const hub = createControlHub({
    onHandlerError: (error) => {
      throw error;
    },
  });
  const received: CollectorMessage[] = [];
  const connection = { send: (text: string) => void received.push(JSON.parse(text)), close: () => undefined };
  const connect = (): void => hub.intake.opened('n1', connection);
  const disconnect = (): void => hub.intake.closed('n1', connection);
  const say = (message: AgentMessage, node = 'n1'): void => hub.intake.received(node, message);
  const start = () =>
    startNodeGather(
      'n1',
      { hub, nowMs: options.nowMs ?? Date.now, isComplete: () => options.complete ?? true },
      {
        bundleId,
        attempt: 2,
        fromUnixMs: 0,
        untilUnixMs: 1000,
        roles: [],
        redactionKey: '00'.repeat(32),
        redaction: 'standard',
        names: [],
        onNames: () => undefined,
        deadlineMs: options.deadlineMs ?? 5000,
        reachWithinMs: options.reachWithinMs ?? 50,
      },
    );
  return { connect, disconnect, say, start, received };
}
const progress = (source: string, state: 'running' | 'ok' | 'waiting'): AgentMessage => ({
  type: 'gather-progress',
  bundleId,
  source,
  state,
  bytes: 10,
});
const done: AgentMessage = { type: 'gather-done', bundleId, attempt: 2, volumes: [] };

test('a node that never comes is unreachable', async () => {
  const gather = site().start();
  expect(await gather.outcome).toMatchObject({ state: 'unreachable' });
});

test('a node that comes a moment later is asked then', async () => {
  const { connect, say, start, received } = site({ reachWithinMs: 5000 });
  const gather = start();
  connect();
  expect(received).toMatchObject([{ type: 'gather', bundleId }]);
  say(done);
  expect(await gather.outcome).toEqual({ state: 'gathered', reason: null });
});

test('a node that disconnects in the middle is waited for and asked again', async () => {
  const { connect, disconnect, say, start, received } = site();
  connect();
  const gather = start();
  say(progress('r/a', 'running'));
  disconnect();
  connect();
  expect(received.map(({ type }) => type)).toEqual(['gather', 'gather']);
  say(progress('r/a', 'ok'));
  say(done);
  const outcome = await gather.outcome;
  expect(gather.sources(outcome)).toMatchObject([{ source: 'r/a', state: 'ok' }]);
});

test('a node that has not heard yet that the bundle is begun anew ends nothing', async () => {
  const { connect, say, start, received } = site();
  connect();
  const gather = start();
  expect(received).toMatchObject([{ type: 'gather', attempt: 2 }]);
  say({ ...done, attempt: 1, error: 'begun anew' });
  say(progress('r/a', 'ok'));
  say(done);
  expect(await gather.outcome).toEqual({ state: 'gathered', reason: null });
});

test('at the deadline the node is told to stop, and what it did not deliver is missing', async () => {
  const { connect, say, start, received } = site({ deadlineMs: 100 });
  connect();
  const gather = start();
  say(progress('r/a', 'ok'));
  say(progress('r/b', 'running'));
  const outcome = await gather.outcome;
  expect(outcome.state).toBe('timeout');
  expect(received.at(-1)).toEqual({ type: 'gather-cancel', bundleId });
  expect(gather.sources(outcome).map(({ state }) => state)).toEqual(['timeout', 'timeout']);
});

test('a node that says done without its volumes has failed', async () => {
  const { connect, say, start } = site({ complete: false });
  connect();
  const gather = start();
  say(done);
  expect(await gather.outcome).toMatchObject({
    state: 'failed',
    reason: expect.stringContaining('not all its volumes'),
  });
});

test('what other nodes say, or of other bundles, does not count', async () => {
  const { connect, say, start } = site({ deadlineMs: 150 });
  connect();
  const gather = start();
  say(done, 'n2');
  say({ ...done, bundleId: 'other000' } as AgentMessage);
  say({ ...progress('r/x', 'ok'), bundleId: 'other000' } as AgentMessage);
  expect(gather.items()).toEqual([]);
  expect((await gather.outcome).state).toBe('timeout');
});

test('a node that makes things up fills neither memory nor the report', async () => {
  const { connect, say, start } = site({ deadlineMs: 5000 });
  connect();
  const gather = start();
  for (let n = 0; n < 6000; n++) say(progress(`r/${n}`, 'ok'));
  say({ ...progress('r/1', 'ok'), firstUnixMs: 1e300, lastUnixMs: Number.NaN } as AgentMessage);
  expect(gather.items()).toHaveLength(5000);
  expect(gather.items()[1]).toMatchObject({ first: null, last: null });
  say(done);
  await gather.outcome;
});

test('how long a source takes goes on while it runs, stands still when it ended, and begins anew with its node', async () => {
  let atMs = 1_000_000;
  const { connect, say, start } = site({ nowMs: () => atMs });
  connect();
  const gather = start();
  const elapsed = (): Record<string, number | null> =>
    Object.fromEntries(gather.items().map(({ source, elapsedMs }) => [source, elapsedMs]));
  say(progress('r/a', 'waiting'));
  expect(elapsed()).toEqual({ 'r/a': null });
  say({ ...progress('r/a', 'running'), elapsedMs: 0 } as AgentMessage);
  atMs += 700;
  expect(elapsed()).toEqual({ 'r/a': 700 });
  // Told again by a node that was away, with what it had said before.
  say({ ...progress('r/a', 'running'), elapsedMs: 100 } as AgentMessage);
  expect(elapsed()).toEqual({ 'r/a': 700 });
  say(progress('r/a', 'waiting'));
  expect(elapsed()).toEqual({ 'r/a': null });
  say({ ...progress('r/a', 'running'), elapsedMs: 0 } as AgentMessage);
  say({ ...progress('r/a', 'ok'), elapsedMs: 450 } as AgentMessage);
  say(progress('r/b', 'running'));
  atMs += 1000;
  expect(elapsed()).toEqual({ 'r/a': 450, 'r/b': 1000 });
  say(done);
  await gather.outcome;
  atMs += 5000;
  expect(elapsed()).toEqual({ 'r/a': 450, 'r/b': 1000 });
});

test('what an older agent does not tell is null, but how long the collector saw it run', () => {
  let atMs = 0;
  const { connect, say, start } = site({ nowMs: () => atMs });
  connect();
  const gather = start();
  say(progress('r/a', 'running'));
  atMs = 300;
  say(progress('r/a', 'ok'));
  atMs = 900;
  say(progress('r/b', 'ok'));
  expect(gather.items()).toMatchObject([
    { source: 'r/a', records: null, expected: null, elapsedMs: 300 },
    { source: 'r/b', records: null, expected: null, elapsedMs: null },
  ]);
  gather.cancel();
});

test.each([
  { records: { count: -1, of: 'files' } },
  { records: { count: 1e300, of: 'files' } },
  { records: { count: 1, of: 'lies' } },
  { elapsedMs: -1 },
  { elapsedMs: 1e18 },
  { expected: { bytes: -1, basis: 'measured' } },
  { expected: { bytes: 1e300, basis: 'measured' } },
  { expected: { bytes: 1, basis: 'hearsay' } },
])('progress with figures out of all bounds is no message: %j', (figures) => {
  expect(Check(GatherProgress, { ...progress('r/a', 'running'), ...figures })).toBe(false);
});
