import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, test, vi } from 'vitest';
import { createClockOffset } from '../../../../../agent/control/clock-offset.ts';
import { createLogPipelines, logStreams } from '../../../../../agent/pipeline/log-pipelines.ts';
import { createResource } from '../../../../../agent/pipeline/resource.ts';
import { createFilesSource } from '../../../../../agent/sources/files/source.ts';
import { openSpool } from '../../../../../agent/spool/spool.ts';
import { patient } from '../../../../patience.ts';
import { createSourceContext, emptyProfile } from '../source-context.ts';

test.each(['critical', 'normal', 'bulk'] as const)(
  'puts lines into the class that the profile names (%s)',
  async (priority) => {
    const folder = mkdtempSync(join(tmpdir(), 'sx-class-'));
    const log = pino({ level: 'silent' });
    const spool = await openSpool(
      {
        folder: join(folder, 'spool'),
        streams: { ...logStreams, metrics: 'normal' },
        maxBytes: 64 * 2 ** 20,
        minFreeBytes: 0,
        segmentBytes: 2 ** 20,
      },
      { log, nowMs: Date.now },
    );
    const logs = createLogPipelines(
      { spool, resource: createResource({ serviceVersion: '0', instanceId: 'x' }), clock: createClockOffset(), log },
      { maxBytes: 2 ** 20, maxAgeMs: 20 },
    );
    writeFileSync(join(folder, 'app.log'), 'one\ntwo\n');
    const { context } = createSourceContext({
      logs: logs.ofClass('normal'),
      profile: { files: { ...emptyProfile.files, follow: [join(folder, '*.log')], priority } },
    });
    const source = createFilesSource(context);
    await source.start();
    await vi.waitFor(() => {
      const waiting = spool.stats().filter(({ waitingRecords }) => waitingRecords > 0);
      expect(waiting.map((stats) => [stats.priority, stats.waitingRecords])).toEqual([[priority, 2]]);
    }, patient);
    await source.close();
    await logs.close();
    await spool.close();
    rmSync(folder, { recursive: true });
  },
);
