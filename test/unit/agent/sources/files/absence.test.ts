import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createAbsence } from '../../../../../agent/sources/files/absence.ts';
import { createFilesystemIds } from '../../../../../agent/sources/files/filesystem-ids.ts';
import type { PackedRests } from '../../../../../agent/sources/files/packed-rests.ts';
import { createRecordingPipeline } from '../recording-pipeline.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sx-absence-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('decides about files that nobody has found, not about one that was found and deleted during the first look', async () => {
  const { pipeline, durable } = createRecordingPipeline();
  const position = { dev: '8:1', generation: 0, id: 'x', fingerprint: 'y', headBytes: 3, offset: 3 };
  for (const ino of ['1', '2']) {
    durable.set(`file:8:1:${ino}`, JSON.stringify({ ...position, ino, path: join(folder, 'app.log') }));
  }
  const takenUp: string[] = [];
  const packed: Pick<PackedRests, 'takeUp'> = { takeUp: (key) => takenUp.push(key) };
  const absence = createAbsence({
    logs: pipeline,
    packed: packed as PackedRests,
    filesystemId: createFilesystemIds(),
    isFollowed: () => true,
    nowMs: () => 1,
  });
  absence.found('file:8:1:1');
  // Read to its end and gone again before the look was over; that it was forgotten is not durable yet.
  await absence.scanned({ folders: [folder], packed: [], isKnown: () => false });
  expect(takenUp).toEqual(['file:8:1:2']);
});
