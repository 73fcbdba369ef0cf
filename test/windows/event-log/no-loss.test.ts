import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { SqlAnswer } from '../../../collector/api/shapes/access.ts';
import { type Site, startSite, temporaryFolder } from '../../e2e/running-site.ts';
import { askApi } from '../../e2e/site-api.ts';
import { count } from '../../long.ts';
import { buildStandIn } from '../wevtapi/build.ts';
import { createEventFiles } from '../wevtapi/event-files.ts';
import { buildAgentForWine } from '../windows-program.ts';
import { createWine, describeUnderWine, type Wine, type WineProcess } from '../wine.ts';

const total = count(10_000, 200_000);
const kills = count(2, 20);
const channel = 'Sextant-Test/Operational';
const overwritten = { first: total + 1, last: total + 500 };
const patience = { timeout: count(120_000, 600_000), interval: 250 };

describeUnderWine('a Windows node', () => {
  const { folder, remove } = temporaryFolder();
  const data = join(folder, 'windows');
  let site: Site;
  let wine: Wine;
  let program: string;
  let agent: WineProcess | undefined;

  const startAgent = (): void => {
    agent = wine.startNode(['--max-semi-space-size=1', '--expose-gc', program, 'agent', 'run', '--data-dir', data], {
      env: { SEXTANT_STANDIN_EVENTS: wine.windowsPath(join(folder, 'events')) },
      timeoutMs: 1_800_000,
    });
  };
  async function killAgent(): Promise<void> {
    agent?.child.kill('SIGKILL');
    await agent?.ended;
    startAgent();
  }
  async function killCollector(): Promise<void> {
    const pid = site.pid('collector');
    process.kill(pid, 'SIGKILL');
    await vi.waitFor(() => expect(site.pid('collector')).not.toBe(pid), { timeout: 60_000, interval: 50 });
  }
  /** Rows of one statement; rejects while the collector is away. */
  async function rows(sql: string): Promise<Record<string, unknown>[]> {
    return (await askApi(join(folder, 'site'), (api) => api.send<SqlAnswer>('POST', 'sql', { sql }))).rows;
  }

  beforeAll(async () => {
    mkdirSync(data);
    writeFileSync(join(data, 'profile.yaml'), `eventLog:\n  channels: [{ name: ${channel}, readExisting: 1d }]\n`);
    [site, wine, program] = await Promise.all([
      startSite(join(folder, 'site')),
      createWine(),
      buildAgentForWine(join(folder, 'program')),
    ]);
    wine.replaceSystemDll('wevtapi.dll', buildStandIn());
    const { token } = await askApi(join(folder, 'site'), (api) =>
      api.send<{ token: string }>('POST', 'tokens', { kind: 'enroll' }),
    );
    writeFileSync(join(folder, 'token'), token);
    const enrolled = await wine.runNode(
      [
        ...[program, 'agent', 'enroll', '--data-dir', data, '--collector', site.url.replace('localhost', '127.0.0.1')],
        ...['--token-file', join(folder, 'token'), '--node', 'win1'],
      ],
      { timeoutMs: 120_000 },
    );
    if (enrolled.code !== 0) throw new Error(`the node was not enrolled: ${enrolled.stdout}${enrolled.stderr}`);
  }, 300_000);

  afterAll(async () => {
    await wine?.close();
    await site?.stop();
    remove();
  });

  test(
    'stores each event exactly once while agent and collector are killed, and tells what was overwritten',
    async () => {
      const files = createEventFiles(join(folder, 'events'));
      files.publisher('Test-Provider', { '1': 'Numbered event %1 has come.', 'task:7': 'Counting' });
      const log = files.channel(channel);
      startAgent();
      const bursts = kills * 10;
      for (let burst = 1; burst <= bursts; burst += 1) {
        log.append(total / bursts, () => ({ task: 7 }));
        await pause(100);
        if (burst % 10 === 5) await (burst % 20 === 5 ? killAgent() : killCollector());
      }
      const stored = async () =>
        (
          await rows(
            `SELECT count() AS records, uniqExact(toUInt64OrZero(LogAttributes['windows.eventlog.record_id'])) AS distinct,
             uniqExact(LogAttributes['log.record.uid']) AS uids, countIf(Body LIKE 'Numbered event % has come.') AS rendered
           FROM otel_logs WHERE Node = 'win1' AND LogAttributes['windows.eventlog.channel'] = '${channel}'
             AND LogAttributes['windows.eventlog.provider.name'] = 'Test-Provider'`,
          )
        )[0];
      const expected = (events: number) =>
        Object.fromEntries(['records', 'distinct', 'uids', 'rendered'].map((name) => [name, String(events)]));
      const strings = async () =>
        Object.fromEntries(Object.entries((await stored()) ?? {}).map(([name, value]) => [name, String(value)]));
      await vi.waitFor(async () => expect(await strings()).toEqual(expected(total)), patience);

      agent?.child.kill('SIGKILL');
      await agent?.ended;
      log.append(500 + 100, () => ({ task: 7 }));
      log.overwriteUpTo(overwritten.last + 1);
      startAgent();
      await vi.waitFor(async () => expect(await strings()).toEqual(expected(total + 100)), patience);
      const gaps = await rows(
        `SELECT toString(LogAttributes['sextant.gap.first']) AS first, toString(LogAttributes['sextant.gap.last']) AS last, Body
       FROM otel_logs WHERE Node = 'win1' AND EventName = 'sextant.eventlog.gap'`,
      );
      expect(gaps).toEqual([
        expect.objectContaining({ first: String(overwritten.first), last: String(overwritten.last) }),
      ]);
    },
    count(240_000, 1_800_000),
  );
});
