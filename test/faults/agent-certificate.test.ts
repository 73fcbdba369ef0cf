import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { enroll } from '../../agent/identity/enroll.ts';
import { writeIdentity } from '../../agent/identity/identity.ts';
import { startSite } from '../e2e/running-site.ts';
import { long } from '../long.ts';
import { createTestAuthority } from '../unit/agent/uplink/test-authority.ts';
import { createTestCollector } from '../unit/agent/uplink/test-collector.ts';
import { collecting, configure, numberedLines, numbersIn, patient, runAgent, testFolder } from './agent-process.ts';

test('keeps what it collects while its certificate is expired, says so, and delivers all of it with another', async () => {
  const authority = await createTestAuthority();
  const collector = await createTestCollector(authority);
  onTestFinished(() => collector.close());
  const dataDir = testFolder();
  configure(dataDir);
  writeIdentity(dataDir, await authority.identity('node-1', collector.url, -1_000));
  const followed = join(testFolder(), 'app.log');
  writeFileSync(followed, numberedLines(1, 500));
  const agent = runAgent(dataDir, { follow: followed });
  await collecting(agent);
  await vi.waitFor(async () => {
    const status = await agent.status();
    expect(status?.failing).toMatch(/certificate of this node expired/);
    expect(status?.spool.classes.find(({ priority }) => priority === 'normal')?.waitingRecords).toBeGreaterThanOrEqual(
      500,
    );
  }, patient);
  expect(numbersIn(collector.stored)).toEqual([]);
  await agent.stop();
  writeIdentity(dataDir, await authority.identity('node-1', collector.url));
  const second = runAgent(dataDir, { follow: followed });
  await vi.waitFor(() => expect(numbersIn(collector.stored).length).toBeGreaterThanOrEqual(500), patient);
  expect(numbersIn(collector.stored)).toEqual(Array.from({ length: 500 }, (_, index) => index + 1));
  await second.stop();
}, 120_000);

// A whole collector: in the long run only.
test.runIf(long)(
  'keeps what it collects while it is revoked, says so, and delivers all of it once it is enrolled again',
  async () => {
    const site = await startSite(join(testFolder(), 'site'));
    onTestFinished(async () => void (await site.stop()));
    const dataDir = testFolder();
    configure(dataDir);
    const enrolAs = async (force: boolean) => {
      const { stdout } = await site.sextant('token', 'create', '--json');
      const { token } = JSON.parse(stdout) as { token: string };
      await enroll({ dataDir, collectorUrl: site.url, token, node: 'edge', force });
    };
    await enrolAs(false);
    const followed = join(testFolder(), 'app.log');
    writeFileSync(followed, numberedLines(1, 50));
    const agent = runAgent(dataDir, { follow: followed });
    const stored = async () => {
      const args = ['--grep', 'numbered', '--since', '1h', '--limit', '1000', '--json'];
      const { stdout } = await site.sextant('logs', ...args);
      const bodies = stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => ({ text: String(JSON.parse(line).body) }));
      return numbersIn(bodies).sort((a, b) => a - b);
    };
    await vi.waitFor(async () => expect((await stored()).length).toBe(50), { ...patient, interval: 500 });
    expect((await site.sextant('nodes', 'revoke', 'edge')).code).toBe(0);
    appendFileSync(followed, numberedLines(51, 100));
    await vi.waitFor(async () => expect((await agent.status())?.failing).toMatch(/revoked|refuse/), patient);
    const waiting = (await agent.status())?.spool.classes.find(({ priority }) => priority === 'normal')?.waitingRecords;
    expect(waiting).toBeGreaterThanOrEqual(50);
    await agent.stop();
    await enrolAs(true);
    const second = runAgent(dataDir, { follow: followed });
    await vi.waitFor(async () => expect((await stored()).length).toBeGreaterThanOrEqual(100), {
      ...patient,
      interval: 500,
    });
    expect(await stored()).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    await second.stop();
  },
  180_000,
);
