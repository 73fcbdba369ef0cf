import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createFilesSource } from '../../../../../agent/sources/files/source.ts';
import { patient } from '../../../../patience.ts';
import { createRecordingPipeline } from '../recording-pipeline.ts';
import { createSourceContext } from '../source-context.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sx-many-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const make = (globs: string[], recording = createRecordingPipeline()) => {
  const { context } = createSourceContext({ logs: recording.pipeline, settings: { 'agent.files.follow': globs } });
  return { source: createFilesSource(context), recording };
};

test('costs next to nothing for thousands of quiet files, and still reads a new line within half a second', async () => {
  for (let group = 0; group < 30; group += 1) {
    mkdirSync(join(folder, `group${group}`));
    for (let index = 0; index < 100; index += 1) writeFileSync(join(folder, `group${group}/${index}.log`), 'first\n');
  }
  const { source, recording } = make([join(folder, '*/*.log')]);
  await source.start();
  await vi.waitFor(() => expect(recording.records.length).toBe(3_000), { timeout: 20_000, interval: 100 });
  // They calm down: each file is looked at in growing pauses. How soon depends on what else the machine does.
  await vi.waitFor(
    async () => {
      const before = process.cpuUsage();
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      const { user, system } = process.cpuUsage(before);
      expect((user + system) / 3e6).toBeLessThan(0.1);
    },
    { timeout: 60_000 },
  );
  const started = performance.now();
  appendFileSync(join(folder, 'group17/42.log'), 'second\n');
  await vi.waitFor(() => expect(recording.records.length).toBe(3_001), { ...patient, interval: 5 });
  expect(performance.now() - started).toBeLessThan(500);
  await source.close();
}, 90_000);

test('lets no flood in one file keep another waiting', async () => {
  const line = `${'x'.repeat(99)}\n`;
  writeFileSync(join(folder, 'flood.log'), line.repeat(300_000));
  writeFileSync(join(folder, 'quiet.log'), 'quiet\n');
  const { source, recording } = make([join(folder, '*.log')]);
  await source.start();
  await vi.waitFor(() => expect(recording.bodies()).toContain('quiet'), { ...patient, interval: 5 });
  expect(recording.records.length).toBeLessThan(100_000);
  await source.close();
});

test('stops reading while the pipeline is full', async () => {
  const recording = createRecordingPipeline();
  const release = recording.fill();
  writeFileSync(join(folder, 'big.log'), `${'y'.repeat(999)}\n`.repeat(5_000));
  const { source } = make([join(folder, '*.log')], recording);
  await source.start();
  await vi.waitFor(() => expect(source.health().records).toBeGreaterThan(0), patient);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(source.health().records).toBeLessThan(600);
  release();
  await vi.waitFor(() => expect(recording.records.length).toBe(5_000), { ...patient, interval: 20 });
  await source.close();
});
