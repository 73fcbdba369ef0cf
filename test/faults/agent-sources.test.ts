import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { writeIdentity } from '../../agent/identity/identity.ts';
import { createTestAuthority } from '../unit/agent/uplink/test-authority.ts';
import { createTestCollector } from '../unit/agent/uplink/test-collector.ts';
import { collecting, configure, numberedLines, numbersIn, patient, runAgent, testFolder } from './agent-process.ts';

const program = join(import.meta.dirname, 'agent-with-sources.ts');

test('makes a source anew that throws or hangs, sheds the bulk of one that floods, and keeps the rest flowing', async () => {
  const authority = await createTestAuthority();
  const collector = await createTestCollector(authority);
  onTestFinished(() => collector.close());
  const folder = testFolder();
  const dataDir = join(folder, 'data');
  const followed = join(folder, 'app.log');
  writeFileSync(followed, '');
  // What floods fills the spool again and again; nothing of another class may be dropped for it.
  configure(dataDir, `  files: { follow: [${followed}] }\n  spool: { minFreeBytes: 0, maxBytes: 16MiB }\n`);
  writeIdentity(dataDir, await authority.identity('node-1', collector.url));
  let isSlow = true;
  collector.react = async ({ headers }) => {
    // The flood's stream goes nowhere for a while, so that the cap has to decide.
    return isSlow && String(headers['sextant-stream']).includes('bulk') ? { status: 503 } : undefined;
  };
  const agent = runAgent(dataDir, { program });
  await collecting(agent);
  let written = 0;
  for (let turn = 0; turn < 4; turn += 1) {
    appendFileSync(followed, numberedLines(written + 1, written + 100));
    written += 100;
    await vi.waitFor(() => expect(numbersIn(collector.stored).length).toBeGreaterThanOrEqual(written), patient);
  }
  await vi.waitFor(async () => {
    const status = await agent.status();
    const restarts = Object.fromEntries((status?.sources ?? []).map(({ name, restarts }) => [name, restarts ?? 0]));
    expect(restarts.throws).toBeGreaterThanOrEqual(1);
    expect(restarts.hangs).toBeGreaterThanOrEqual(1);
    expect({ files: restarts.files, host: restarts.host, floods: restarts.floods }).toEqual({
      files: 0,
      host: 0,
      floods: 0,
    });
    const dropped = Object.fromEntries(
      (status?.spool.classes ?? []).map(({ priority, droppedRecords }) => [priority, droppedRecords]),
    );
    expect(dropped.bulk).toBeGreaterThan(0);
    expect({ normal: dropped.normal, critical: dropped.critical }).toEqual({ normal: 0, critical: 0 });
  }, patient);
  isSlow = false;
  expect(numbersIn(collector.stored)).toEqual(Array.from({ length: written }, (_, index) => index + 1));
  // The watchdog's count travels as a metric.
  await vi.waitFor(
    () =>
      expect(
        collector.stored.some(
          ({ stream, text }) => stream.startsWith('metrics') && text.includes('sextant.agent.source.restarts'),
        ),
      ).toBe(true),
    patient,
  );
  expect(agent.process.exitCode).toBeNull();
  await agent.stop();
}, 180_000);
