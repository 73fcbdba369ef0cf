import { appendFileSync, existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { writeIdentity } from '../../agent/identity/identity.ts';
import { createTestAuthority } from '../unit/agent/uplink/test-authority.ts';
import { createTestCollector } from '../unit/agent/uplink/test-collector.ts';
import { collecting, configure, numberedLines, numbersIn, runAgent, testFolder } from './agent-process.ts';

const library = '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1';
const canFake = existsSync(library);
if (!canFake) process.stderr.write('SKIPPED: setting an agent’s clock needs libfaketime (Debian: faketime)\n');

test.skipIf(!canFake)(
  'goes on, and delivers every line once, when the clock jumps a day back, two forward, and home',
  async () => {
    const authority = await createTestAuthority();
    const collector = await createTestCollector(authority);
    onTestFinished(() => collector.close());
    const folder = testFolder();
    const clock = join(folder, 'clock');
    const setClock = (offset: string) => {
      writeFileSync(`${clock}.new`, offset);
      renameSync(`${clock}.new`, clock);
    };
    setClock('+0');
    const dataDir = join(folder, 'data');
    configure(dataDir, '  files: { pollEvery: 100ms }\n');
    // Valid at every time that the agent will believe it is.
    writeIdentity(dataDir, await authority.identity('node-1', collector.url, 30 * 86_400_000));
    const followed = join(testFolder(), 'app.log');
    writeFileSync(followed, '');
    const agent = runAgent(dataDir, {
      follow: followed,
      env: {
        LD_PRELOAD: library,
        FAKETIME_TIMESTAMP_FILE: clock,
        FAKETIME_NO_CACHE: '1',
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
      },
    });
    await collecting(agent);
    let written = 0;
    for (const offset of ['+0', '-1d', '+1d', '+0']) {
      setClock(offset);
      // Well within a minute, after which everything is looked for anew whatever the kernel told.
      appendFileSync(followed, numberedLines(written + 1, written + 100));
      written += 100;
      await vi.waitFor(() => expect(numbersIn(collector.stored).length).toBeGreaterThanOrEqual(written), {
        timeout: 20_000,
        interval: 50,
      });
    }
    expect(numbersIn(collector.stored)).toEqual(Array.from({ length: written }, (_, index) => index + 1));
    expect(agent.output()).not.toMatch(/"level":"(error|fatal)"/);
    await agent.stop();
  },
  120_000,
);
