import { pino } from 'pino';
import { expect, test, vi } from 'vitest';
import { createSourceRunner } from '../../../agent/source-runner.ts';
import type { Source } from '../../../agent/sources/source.ts';

const log = pino({ level: 'silent' });

function source(name: string, failures: number): Source & { running: boolean } {
  return {
    name,
    running: false,
    async start() {
      if (failures-- > 0) throw new Error(`${name} is broken`);
      this.running = true;
    },
    async close() {
      this.running = false;
    },
    health: () => ({ name, state: 'running', records: 0, dropped: 0 }),
  };
}

test('starts a source again that failed, says so meanwhile, and leaves the others alone', async () => {
  const broken = source('broken', 1);
  const whole = source('whole', 0);
  const runner = createSourceRunner([broken, whole], log);
  await runner.start();
  expect(whole.running).toBe(true);
  expect(runner.health()).toMatchObject([
    { name: 'broken', state: 'failing', detail: 'broken is broken' },
    { name: 'whole', state: 'running' },
  ]);
  await vi.waitFor(() => expect(broken.running).toBe(true), { timeout: 5000 });
  expect(runner.restarts()).toBe(1);
  expect(runner.health()[0]?.state).toBe('running');
  await runner.close();
  expect(whole.running).toBe(false);
});
