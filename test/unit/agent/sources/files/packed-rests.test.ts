import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createFileQuestions } from '../../../../../agent/filesystems/file-questions.ts';
import { createRemoteMounts } from '../../../../../agent/filesystems/remote-mounts.ts';
import { createChunkEmitter } from '../../../../../agent/sources/files/emit.ts';
import { fingerprint } from '../../../../../agent/sources/files/head.ts';
import type { Loss } from '../../../../../agent/sources/files/loss.ts';
import { createPackedRests } from '../../../../../agent/sources/files/packed-rests.ts';
import { patient } from '../../../../patience.ts';
import { createRecordingPipeline } from '../recording-pipeline.ts';

test('a filesystem that does not answer holds up its own rests alone, and not the end of the source', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sx-rests-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const dead = join(folder, 'dead');
  const mounts = createRemoteMounts({
    readMountinfo: () => `36 35 98:0 / ${dead} rw - nfs4 server:/export rw\n`,
    platform: 'linux',
  });
  const questions = createFileQuestions({ most: 4, overdueMs: 20, mounts });
  const recording = createRecordingPipeline();
  const losses: [string, Loss][] = [];
  const rests = createPackedRests({
    logs: recording.pipeline,
    questions,
    host: 'node',
    filesystemId: String,
    chunkBytes: 64 * 1024,
    emit: createChunkEmitter({
      sink: recording.pipeline.lines('files'),
      formatOf: () => ({ encoding: undefined, multiLine: undefined, isCri: false, maxLineBytes: 1000 }),
      chunkBytes: 64 * 1024,
      nowMs: Date.now,
    }),
    onRecords: () => undefined,
    onLoss: (path, loss) => losses.push([path, loss]),
    nowMs: Date.now,
  });
  const takeUp = (name: string): void => {
    const path = join(folder, name);
    mkdirSync(join(path, '..'), { recursive: true });
    const text = Buffer.from(`read of ${name}\nrest of ${name}\n`);
    writeFileSync(`${path}.1.gz`, gzipSync(text));
    const position = {
      ...{ dev: '1', ino: name, generation: 0, id: 'x', fingerprint: fingerprint(text), headBytes: text.length },
      ...{ offset: text.indexOf('rest'), path },
    };
    rests.takeUp(`file:1:${name}`, position, { bytes: 10, unwatched: false });
  };
  const never = Promise.withResolvers<void>();
  const held = questions.ask(join(dead, 'other'), () => never.promise);
  takeUp('dead/a.log');
  takeUp('alive/a.log');
  takeUp('alive/b.log');
  await vi.waitFor(() => expect(recording.bodies()).toEqual(['rest of alive/a.log', 'rest of alive/b.log']), patient);
  await rests.close();
  expect(losses).toEqual([]);
  // It stays to be read at the next start.
  recording.restart();
  expect([...recording.durable.keys()].filter((key) => key.includes('dead'))).toHaveLength(1);
  never.resolve();
  await held;
});
