import { expect, test } from 'vitest';
import { createTurns } from '../../../../agent/uplink/turns.ts';

const never = new AbortController().signal;

/** Lets every sender take turns without a pause until one has had `until`; returns the bytes of each. */
async function share(senders: { weight: number; bytes: number }[], atOnce: number, until: number): Promise<number[]> {
  const turns = createTurns({ atOnce });
  const sent = senders.map(() => 0);
  const stop = new AbortController();
  await Promise.all(
    senders.map(async (sender, index) => {
      for (;;) {
        const leave = await turns.take(sender, sender.bytes, stop.signal);
        if (leave === undefined) return;
        await new Promise(setImmediate);
        sent[index] = (sent[index] ?? 0) + sender.bytes;
        if ((sent[index] ?? 0) >= until) stop.abort();
        leave();
      }
    }),
  );
  return sent;
}

test('shares the wire by weight, whatever the size of the batches', async () => {
  const [critical = 0, normal = 0, late = 0] = await share(
    [
      { weight: 8, bytes: 100 },
      { weight: 4, bytes: 1000 },
      { weight: 1, bytes: 50 },
    ],
    1,
    80_000,
  );
  expect(critical / normal).toBeCloseTo(2, 0);
  expect(normal / late).toBeGreaterThan(3);
  expect(late).toBeGreaterThan(0);
});

test('a sender alone has the wire to itself', async () => {
  expect(await share([{ weight: 1, bytes: 10 }], 3, 1000)).toEqual([1000]);
});

test('who was idle gains no credit over those that sent', async () => {
  const turns = createTurns({ atOnce: 1 });
  const busy = { weight: 1 };
  const idle = { weight: 1 };
  for (let i = 0; i < 100; i += 1) (await turns.take(busy, 1000, never))?.();
  const order: string[] = [];
  const hold = await turns.take(busy, 1000, never);
  const takes = ['busy', 'idle', 'busy', 'idle', 'busy', 'idle'].map(async (name) => {
    const leave = await turns.take(name === 'busy' ? busy : idle, 1000, never);
    order.push(name);
    leave?.();
  });
  hold?.();
  await Promise.all(takes);
  expect(order.slice(0, 4).filter((name) => name === 'busy').length).toBeGreaterThanOrEqual(1);
});

test('who gives up leaves the queue', async () => {
  const turns = createTurns({ atOnce: 1 });
  const hold = await turns.take({ weight: 1 }, 1, never);
  const stop = new AbortController();
  const waiting = turns.take({ weight: 1 }, 1, stop.signal);
  stop.abort();
  expect(await waiting).toBeUndefined();
  hold?.();
  expect(await turns.take({ weight: 1 }, 1, never)).toBeTypeOf('function');
});
