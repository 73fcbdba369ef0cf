import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { writeIdentity } from '../../agent/identity/identity.ts';
import { count } from '../long.ts';
import { createTestAuthority } from '../unit/agent/uplink/test-authority.ts';
import { createTestCollector } from '../unit/agent/uplink/test-collector.ts';
import { configure, numberedLines, numbersIn, patient, runAgent, testFolder } from './agent-process.ts';

/**
 * What an hour without a collector leaves, scaled down to a backlog of many batches: 600,000 lines are an hour at 170 a
 * second. How long they gathered makes no difference to what drains them.
 */
const backlog = count(40_000, 600_000);
const liveLines = 4;

test('drains what gathered during an outage while new lines pass it, each once', async () => {
  const authority = await createTestAuthority();
  const collector = await createTestCollector(authority);
  onTestFinished(() => collector.close());
  let isAway = true;
  // A collector with which a whole site catches up: of the backlog it takes a batch for each turn that it is given.
  let turns = 2;
  const waiting: (() => void)[] = [];
  const giveTurns = (more: number): void => {
    turns += more;
    for (; turns > 0 && waiting.length > 0; turns -= 1) waiting.shift()?.();
  };
  /**
   * The sequence that the outage filled, which begins with the first line. The end of the backlog, when it was read late,
   * may stand before the new lines in the other.
   */
  let filled: string | undefined;
  collector.react = async ({ path, headers, body }) => {
    if (!path.startsWith('/v1/')) return undefined;
    if (isAway) return { status: 503 };
    const sequence = String(headers['sextant-stream']);
    if (filled === undefined && String(body).includes('numbered line 1;')) filled = sequence;
    if (sequence !== filled) return undefined;
    if (turns > 0) turns -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    return undefined;
  };
  const arrived: number[] = [];
  let looked = 0;
  /** Numbers of the stored lines in order; each batch is looked through once. */
  const numbers = (): number[] => {
    for (; looked < collector.stored.length; looked += 1) {
      const batch = collector.stored[looked];
      if (batch) arrived.push(...numbersIn([batch]));
    }
    return arrived;
  };
  const folder = testFolder();
  const dataDir = join(folder, 'data');
  configure(dataDir, '  spool: { minFreeBytes: 0, maxBytes: 4GiB, segmentBytes: 1MiB }\n');
  writeIdentity(dataDir, await authority.identity('node-1', collector.url));
  const followed = join(folder, 'app.log');
  writeFileSync(followed, numberedLines(1, backlog, 'x'.repeat(100)));
  const agent = runAgent(dataDir, { follow: followed });
  const normal = async () =>
    (await agent.status())?.spool.classes.find(({ priority }) => priority === 'normal') ?? { waitingRecords: 0 };
  await vi.waitFor(async () => expect((await normal()).waitingRecords).toBeGreaterThanOrEqual(backlog), patient);
  expect(numbers()).toEqual([]);

  isAway = false;
  await vi.waitFor(() => expect(turns).toBe(0), patient);
  let written = backlog;
  for (let line = 0; line < liveLines; line += 1) {
    written += 1;
    appendFileSync(followed, numberedLines(written, written));
    await vi.waitFor(() => expect(numbers().includes(written)).toBe(true), patient);
    // The order of arrival tells, whatever the clock says: the new line is there, and old ones still wait.
    expect(numbers().filter((number) => number <= backlog).length).toBeLessThan(backlog);
    giveTurns(1);
  }
  expect((await normal()).waitingRecords).toBeGreaterThan(0);

  giveTurns(Number.POSITIVE_INFINITY);
  await vi.waitFor(() => expect(numbers().length).toBeGreaterThanOrEqual(written), patient);
  expect(numbers().sort((a, b) => a - b)).toEqual(Array.from({ length: written }, (_, index) => index + 1));
  await agent.stop();
}, 300_000);
