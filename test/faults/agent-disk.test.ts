import { execFileSync } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { writeIdentity } from '../../agent/identity/identity.ts';
import { createTestAuthority } from '../unit/agent/uplink/test-authority.ts';
import { createTestCollector } from '../unit/agent/uplink/test-collector.ts';
import { configure, numberedLines, numbersIn, patient, runAgent, testFolder } from './agent-process.ts';

const canMount = process.platform === 'linux' && process.getuid?.() === 0;
if (!canMount) process.stderr.write('SKIPPED: the disk tests of the agent need root, to mount a small tmpfs\n');

function mountSmall(bytes: number): string {
  const folder = testFolder();
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder]);
  onTestFinished(() => void execFileSync('umount', ['-l', folder]));
  return folder;
}

test.skipIf(!canMount)(
  'waits on a full disk, says so, and delivers every line once when the collector has made room',
  async () => {
    const authority = await createTestAuthority();
    const collector = await createTestCollector(authority);
    onTestFinished(() => collector.close());
    let isAway = true;
    collector.react = ({ path }) => (isAway && path.startsWith('/v1/') ? { status: 503 } : undefined);
    // Less than the 8 MiB that the spool keeps whatever the free space (agent/spool/room.ts): on a disk a little larger
    // the floor decides, and drops the oldest.
    const dataDir = mountSmall(6 * 2 ** 20);
    configure(dataDir, '  spool: { minFreeBytes: 0, maxBytes: 1GiB, segmentBytes: 256KiB }\n');
    writeIdentity(dataDir, await authority.identity('node-1', collector.url));
    const followed = join(testFolder(), 'app.log');
    const lines = 60_000;
    writeFileSync(followed, numberedLines(1, lines, 'x'.repeat(200)));
    const agent = runAgent(dataDir, { follow: followed });
    await vi.waitFor(async () => expect((await agent.status())?.spool.blockedBy).toMatch(/ENOSPC/), patient);
    expect(agent.output()).toContain('cannot write to the spool; sources wait until it can be');
    // Killed on the full disk it starts again, and waits again.
    agent.process.kill('SIGKILL');
    await agent.ended;
    const second = runAgent(dataDir, { follow: followed });
    await vi.waitFor(async () => expect((await second.status())?.spool.blockedBy).toMatch(/ENOSPC/), patient);
    expect(second.process.exitCode).toBeNull();
    isAway = false;
    await vi.waitFor(() => expect(numbersIn(collector.stored).length).toBeGreaterThanOrEqual(lines), patient);
    appendFileSync(followed, numberedLines(lines + 1, lines + 10));
    const expected = Array.from({ length: lines + 10 }, (_, index) => index + 1);
    await vi.waitFor(() => expect(numbersIn(collector.stored).length).toBeGreaterThanOrEqual(lines + 10), patient);
    expect(numbersIn(collector.stored).sort((a, b) => a - b)).toEqual(expected);
    const { spool, ring } = (await second.status()) ?? {};
    expect(spool?.blockedBy).toBeNull();
    expect(spool?.classes.find(({ priority }) => priority === 'normal')?.droppedRecords).toBe(0);
    // What the collector has gave way to what it has not, and that is told.
    expect(ring).toMatchObject({ maxDays: 7, maxBytes: 256 * 2 ** 20, oldestDay: expect.stringMatching(/^20/) });
    expect(ring?.bytes).toBeGreaterThan(0);
    expect(ring?.droppedRecords).toBeGreaterThan(0);
    await second.stop();
  },
  180_000,
);

test.skipIf(!canMount)(
  'ends with a message that says what to do, and a code that is not started again, where its folder is read-only',
  async () => {
    const authority = await createTestAuthority();
    const dataDir = mountSmall(4 * 2 ** 20);
    configure(dataDir);
    writeIdentity(dataDir, await authority.identity('node-1', 'https://127.0.0.1:1'));
    execFileSync('mount', ['-o', 'remount,ro', dataDir]);
    const agent = runAgent(dataDir);
    // Supervisor and systemd (RestartPreventExitStatus) leave it at that.
    expect(await agent.ended).toBe(2);
    expect(agent.output()).toMatch(/SX_DATA_FOLDER: cannot use the data folder .*\n +→ make the folder writable/);
  },
  60_000,
);
