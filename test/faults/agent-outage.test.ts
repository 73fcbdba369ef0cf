import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, test, vi } from 'vitest';
import { createClockOffset } from '../../agent/control/clock-offset.ts';
import { createLogPipelines, logStreams } from '../../agent/pipeline/log-pipelines.ts';
import { createResource } from '../../agent/pipeline/resource.ts';
import { type PriorityClass, priorities } from '../../agent/profile/priority.ts';
import type { Drop } from '../../agent/spool/room.ts';
import { openSpool } from '../../agent/spool/spool.ts';
import { createCollectorClient } from '../../agent/uplink/client.ts';
import { createUplink } from '../../agent/uplink/uplink.ts';
import { count } from '../long.ts';
import { createTestAuthority } from '../unit/agent/uplink/test-authority.ts';
import { createTestCollector } from '../unit/agent/uplink/test-collector.ts';

const log = pino({ level: 'silent' });
const hour = 3_600_000;
const resource = createResource({ serviceVersion: '0', instanceId: 'outage' });

test('a collector that is away for a day: dropped in the promised order, counted, and nothing else is missing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sextant-outage-'));
  const authority = await createTestAuthority();
  const collector = await createTestCollector(authority);
  const drops: Drop[] = [];
  let nowMs = Date.UTC(2026, 0, 1);
  const open = () =>
    openSpool(
      { folder, streams: logStreams, maxBytes: 8 * 2 ** 20, minFreeBytes: 0, segmentBytes: 256 * 1024 },
      { log, nowMs: () => nowMs, onDrop: (drop) => drops.push(drop) },
    );
  const written: Record<PriorityClass, number> = { critical: 0, normal: 0, bulk: 0 };
  // Per hour and class; what a day gathers is several times the cap, what matters most fits below it.
  const perHour: Record<PriorityClass, number> = { critical: count(150, 600), normal: count(1500, 1500), bulk: 3000 };

  let spool = await open();
  for (let hours = 0; hours < 24; hours += 1) {
    const logs = createLogPipelines(
      { spool, resource, clock: createClockOffset(), log },
      { maxBytes: 64 * 1024, maxAgeMs: 20 },
    );
    for (const priority of priorities) {
      const pipeline = logs.ofClass(priority);
      const logger = pipeline.logger(`source-${priority}`);
      for (let i = 0; i < perHour[priority]; i += 1) {
        written[priority] += 1;
        logger.emit({ body: `<${priority} ${written[priority]}> ${'x'.repeat(100)}` });
        if (i % 100 === 99) await pipeline.ready();
      }
    }
    await logs.close();
    nowMs += hour;
    // The clock of the node is set back once, and the agent is started anew now and then.
    if (hours === 12) nowMs -= 6 * hour;
    if (hours % 8 === 7) {
      await spool.close();
      spool = await open();
    }
  }
  const stats = spool.stats();
  const droppedOf = (priority: PriorityClass) =>
    stats.filter((stream) => stream.priority === priority).reduce((sum, each) => sum + each.droppedRecords, 0);
  expect(stats.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(8 * 2 ** 20);

  const client = createCollectorClient({
    collectorUrl: collector.url,
    identity: await authority.identity('node-1', collector.url),
  });
  const uplink = createUplink({ client, spool, log }, { maxBackoffMs: 50 });
  uplink.start();
  await vi.waitFor(() => expect(spool.stats().every(({ waitingBatches }) => waitingBatches === 0)).toBe(true), {
    timeout: 60_000,
    interval: 50,
  });
  await uplink.close();
  client.close();
  await spool.close();
  await collector.close();
  rmSync(folder, { recursive: true, force: true });

  for (const priority of priorities) {
    const numbers = collector.stored.flatMap(({ text }) =>
      [...text.matchAll(new RegExp(`<${priority} (\\d+)>`, 'g'))].map(([, number]) => Number(number)),
    );
    expect(new Set(numbers).size, `${priority}: nothing twice`).toBe(numbers.length);
    expect(written[priority] - numbers.length, `${priority}: what is missing was counted`).toBe(droppedOf(priority));
    const counted = stats.reduce((sum, { droppedBySource }) => sum + (droppedBySource[`source-${priority}`] ?? 0), 0);
    expect(counted, `${priority}: by its source`).toBe(droppedOf(priority));
    // Oldest first: what is left is the end of what was written.
    if (numbers.length > 0) {
      expect(Math.min(...numbers)).toBe(droppedOf(priority) + 1);
      expect(Math.max(...numbers)).toBe(written[priority]);
    }
  }
  expect(droppedOf('critical')).toBe(0);
  expect(droppedOf('bulk')).toBeGreaterThan(0);
  const firstNormal = drops.findIndex(({ priority }) => priority === 'normal');
  if (firstNormal >= 0) expect(drops.slice(0, firstNormal).every(({ priority }) => priority === 'bulk')).toBe(true);
  process.stderr.write(
    `a day away: ${priorities.map((each) => `${each} ${written[each]} written, ${droppedOf(each)} dropped`).join('; ')}\n`,
  );
}, 180_000);
