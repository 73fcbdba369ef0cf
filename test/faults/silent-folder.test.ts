import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { writeIdentity } from '../../agent/identity/identity.ts';
import { createTestAuthority } from '../unit/agent/uplink/test-authority.ts';
import { createTestCollector } from '../unit/agent/uplink/test-collector.ts';
import { sextant } from '../unit/cli/run-sextant.ts';
import { collecting, configure, numberedLines, numbersIn, patient, runAgent, testFolder } from './agent-process.ts';

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, at) => from + at);

test.skipIf(process.platform !== 'linux')(
  'a folder that does not answer costs its own files alone, and only as long as it does not',
  async () => {
    const folder = testFolder();
    const [logs, answers, preload] = ['logs', 'answers', 'medium.so'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    const medium = join(import.meta.dirname, 'media/medium.c');
    execFileSync('gcc', ['-shared', '-fPIC', '-O1', '-o', preload, medium, '-ldl']);
    const [stuck, fine] = [join(logs, 'stuck'), join(logs, 'fine')];
    for (const path of [stuck, fine]) mkdirSync(path, { recursive: true });
    const authority = await createTestAuthority();
    const collector = await createTestCollector(authority);
    onTestFinished(() => collector.close());
    const dataDir = join(folder, 'data');
    const followed = `${join(stuck, '*.log')}, ${join(fine, '*.log')}`;
    configure(dataDir, `  files: { follow: [${followed}] }\n  spool: { minFreeBytes: 0 }\n`);
    writeIdentity(dataDir, await authority.identity('node-1', collector.url));
    const stored = (): number[] => numbersIn(collector.stored).sort((a, b) => a - b);

    writeFileSync(join(stuck, 'a.log'), numberedLines(501, 600));
    writeFileSync(join(fine, 'a.log'), numberedLines(1, 100));
    const agent = runAgent(dataDir, {
      env: {
        ...{ LD_PRELOAD: preload, MEDIUM_FOLDER: logs, MEDIUM_HANGS: 'stuck', MEDIUM_ANSWERS: answers },
        UV_THREADPOOL_SIZE: '10',
      },
    });
    await collecting(agent);
    await vi.waitFor(() => expect(stored()).toEqual(range(1, 100)), patient);
    // Made while it hangs.
    writeFileSync(join(fine, 'b.log'), numberedLines(101, 200));
    mkdirSync(join(fine, 'new'));
    writeFileSync(join(fine, 'c.log'), numberedLines(201, 300));
    await vi.waitFor(() => expect(stored()).toEqual(range(1, 300)), patient);
    expect((await agent.status())?.sources.find(({ name }) => name === 'files')?.detail).toContain(
      `no answer from ${stuck}`,
    );

    const { out } = await sextant(['agent', 'status', '--data-dir', dataDir]);
    expect(out).toMatch(new RegExp(`^no answer +${stuck}, for \\d+ s, since 20\\S+Z$`, 'm'));
    const told = JSON.parse((await sextant(['agent', 'status', '--json', '--data-dir', dataDir])).out);
    expect(told.agent.unanswered).toEqual([{ what: stuck, since: expect.stringMatching(/^20.+Z$/) }]);

    writeFileSync(answers, '');
    mkdirSync(join(fine, 'newer'));
    await vi.waitFor(() => expect(stored()).toEqual([...range(1, 300), ...range(501, 600)]), patient);

    // It falls silent while its files are followed: none of them counts as gone.
    rmSync(answers);
    appendFileSync(join(stuck, 'a.log'), numberedLines(601, 700));
    mkdirSync(join(fine, 'newest'));
    writeFileSync(join(fine, 'd.log'), numberedLines(301, 400));
    await vi.waitFor(() => expect(stored()).toEqual(expect.arrayContaining(range(301, 400))), patient);
    await vi.waitFor(
      async () =>
        expect((await agent.status())?.sources.find(({ name }) => name === 'files')?.detail).toContain(
          'no answer from',
        ),
      patient,
    );
    writeFileSync(answers, '');
    await vi.waitFor(() => expect(stored()).toEqual([...range(1, 400), ...range(501, 700)]), patient);
    expect(collector.stored.some(({ text }) => /truncated or deleted/.test(text))).toBe(false);
    expect((await agent.status())?.unanswered).toEqual([]);
    expect(agent.output()).not.toContain('BUG');
    await agent.stop();
  },
  300_000,
);
