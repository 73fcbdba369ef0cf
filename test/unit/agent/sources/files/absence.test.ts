import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Unanswered } from '../../../../../agent/filesystems/unanswered.ts';
import { createAbsence } from '../../../../../agent/sources/files/absence.ts';
import { createFilesystemIds } from '../../../../../agent/sources/files/filesystem-ids.ts';
import type { PackedRests } from '../../../../../agent/sources/files/packed-rests.ts';
import { askedAlready } from '../../../../../agent/sources/files/scan-questions.ts';
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
    ask: askedAlready,
    isFollowed: () => true,
    nowMs: () => 1,
  });
  absence.found('file:8:1:1');
  // Read to its end and gone again before the look was over; that it was forgotten is not durable yet.
  await absence.scanned({ folders: [folder], silent: [], packed: [], isKnown: () => false });
  expect(takenUp).toEqual(['file:8:1:2']);
});

test('a folder that did not answer at the first look is looked at for news of the absence when it does', async () => {
  const { pipeline, durable } = createRecordingPipeline();
  durable.set('files:alive', '1000');
  const [share, own] = [join(folder, 'share'), join(folder, 'own')];
  for (const name of [share, own]) {
    mkdirSync(name);
    writeFileSync(join(name, 'app.log.1.gz'), '');
  }
  const news: string[] = [];
  const packed: Pick<PackedRests, 'takeNew'> = { takeNew: (path) => news.push(path) };
  let isSilent = true;
  const absence = createAbsence({
    logs: pipeline,
    packed: packed as PackedRests,
    filesystemId: createFilesystemIds(),
    ask: async (path, question) => {
      if (isSilent && path.startsWith(share)) throw new Unanswered(path);
      return question();
    },
    isFollowed: (path) => path.endsWith('app.log'),
    nowMs: () => 2000,
  });
  const found = { isKnown: () => false };
  const mine = join(own, 'app.log.1.gz');
  await absence.scanned({ ...found, folders: [own], silent: [share], packed: [mine] });
  expect(news).toEqual([mine]);
  expect(pipeline.position('files:alive'), 'nobody knows what is written there').toBe('1000');
  isSilent = false;
  await absence.scanned({ ...found, folders: [own, share], silent: [], packed: [mine, join(share, 'app.log.1.gz')] });
  expect(news).toEqual([mine, join(share, 'app.log.1.gz')]);
  await absence.scanned({ ...found, folders: [own, share], silent: [], packed: [mine, join(share, 'app.log.1.gz')] });
  expect(news, 'once').toHaveLength(2);
});
