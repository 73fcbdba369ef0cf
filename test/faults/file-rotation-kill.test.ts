import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readdirSync, readlinkSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Site, startSite, temporaryFolder } from '../e2e/running-site.ts';
import { long } from '../long.ts';

const generations = 20;
const linesEach = 50_000;
const generationMs = 2_000;
const kills = 20;
const { folder, remove } = temporaryFolder();
const followed = join(folder, 'numbered.log');
/** Another file that is followed, and never rotated. */
const beside = join(folder, 'beside.txt');
let site: Site;

beforeAll(async () => {
  for (const file of [followed, beside]) writeFileSync(file, '');
  site = await startSite(join(folder, 'data'), { args: ['--follow', followed, '--follow', beside] });
}, 120_000);

afterAll(async () => {
  await site?.stop();
  remove();
});

async function sql<Row>(statement: string): Promise<Row[]> {
  const { stdout, stderr, code } = await site.sextant('sql', statement, '--json');
  if (code !== 0) throw new Error(stderr);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/** What is stored of each generation: how many lines, how many different ones, and the last of them. */
async function stored(): Promise<Map<number, { lines: number; distinct: number; last: number }>> {
  const rows = await sql<{ g: number; lines: number; distinct: number; last: number }>(
    `SELECT toUInt32(splitByChar(' ', Body)[2]) AS g, toUInt32(count()) AS lines,
       toUInt32(uniqExact(Body)) AS distinct, max(toUInt32(splitByChar(' ', Body)[4])) AS last
     FROM otel_logs WHERE Timestamp > now() - INTERVAL 1 HOUR AND startsWith(Body, 'generation ') GROUP BY g`,
  );
  return new Map(rows.map(({ g, ...rest }) => [g, rest]));
}

/** What was reported as lost of the followed file. */
const reports = () =>
  sql<{ bytes: number; unwatched: string }>(
    `SELECT toInt32(LogAttributes['sextant.gap.bytes']) AS bytes, LogAttributes['sextant.gap.unwatched'] AS unwatched
     FROM otel_logs WHERE Timestamp > now() - INTERVAL 1 HOUR AND LogAttributes['sextant.gap.bytes'] != ''
       AND LogAttributes['log.file.path'] = '${followed}'`,
  );

async function kill(part: 'collector' | 'agent'): Promise<void> {
  const pid = site.pid(part);
  process.kill(pid, 'SIGKILL');
  await vi.waitFor(() => expect(site.pid(part)).not.toBe(pid), { timeout: 60_000, interval: 20 });
}

/** What the agent has open, by name; that of a deleted file ends with ` (deleted)`. */
function openFiles(): string[] {
  const folder = `/proc/${site.pid('agent')}/fd`;
  return readdirSync(folder).flatMap((name) => {
    try {
      return readlinkSync(join(folder, name));
    } catch {
      return [];
    }
  });
}

/** Resolves when the agent has the file open: from then on it reads it to its end whatever becomes of its name. */
async function agentFollows(): Promise<void> {
  let looks = 0;
  await vi.waitFor(
    () => {
      // More than once in a row: what is copied or renamed is opened for a moment.
      looks = openFiles().includes(followed) ? looks + 1 : 0;
      expect(looks).toBeGreaterThan(5);
    },
    { timeout: 60_000, interval: 50 },
  );
}

/**
 * Resolves when the end of a deleted file is durable, and that it is gone: a line that was written after the agent had
 * closed it is stored.
 */
async function endIsDurable(): Promise<void> {
  const deleted = `${followed} (deleted)`;
  await vi.waitFor(() => expect(openFiles()).not.toContain(deleted), { timeout: 120_000, interval: 50 });
  const line = `closed at ${Date.now()}`;
  appendFileSync(beside, `${line}\n`);
  const isStored = `SELECT toUInt32(count()) AS found FROM otel_logs WHERE Timestamp > now() - INTERVAL 1 HOUR AND Body = '${line}'`;
  await vi.waitFor(async () => expect(await sql(isStored)).toEqual([{ found: 1 }]), {
    timeout: 120_000,
    interval: 200,
  });
}

/** Runs the writer to its end and kills one part after the other at random moments, but not where a file is deleted. */
async function writeUnderKills(): Promise<{ generation: number; end: string; lines: number }[]> {
  const program = join(import.meta.dirname, 'rotating-writer.ts');
  const writer: ChildProcessByStdio<Writable, Readable, null> = spawn(
    process.execPath,
    [program, followed, String(generations), String(linesEach), String(generationMs)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const ended = once(writer, 'close');
  const ledger: { generation: number; end: string; lines: number }[] = [];
  let killing = Promise.resolve();
  const killer = (async () => {
    for (let done = 0; done < kills; done += 1) {
      await pause(Math.random() * ((generations * generationMs * 1.5) / kills));
      killing = killing.then(() => kill(done % 2 === 0 ? 'agent' : 'collector'));
      await killing;
    }
  })();
  // Said where it is awaited, when the writer has ended.
  killer.catch(() => undefined);
  for await (const line of createInterface({ input: writer.stdout })) {
    const said = JSON.parse(line);
    if (said.deleting === undefined) ledger.push(said);
    else {
      // From here until the end of the file is durable nobody is killed.
      const before = killing;
      killing = before.then(async () => {
        await agentFollows();
        const { ino } = statSync(followed);
        writer.stdin.write('go on\n');
        const isDeleted = () => expect(statSync(followed, { throwIfNoEntry: false })?.ino).not.toBe(ino);
        await vi.waitFor(isDeleted, { timeout: 60_000, interval: 20 });
        await endIsDurable();
      });
      killing.catch(() => writer.kill());
    }
  }
  await killer;
  expect(await ended).toEqual([0, null]);
  return ledger;
}

test.runIf(long)(
  'stores lines exactly once over rotations while agent and collector are killed, and reports no loss where none is',
  async () => {
    const written = await writeUnderKills();
    expect(written).toHaveLength(generations);
    const expected = written.map(({ generation, lines }) => [generation, { lines, distinct: lines, last: lines }]);
    await vi.waitFor(async () => expect([...(await stored())].sort(([a], [b]) => a - b)).toEqual(expected), {
      timeout: 180_000,
      interval: 500,
    });
    expect(await reports()).toEqual([]);
  },
  600_000,
);

test('says of a file that is deleted in an absence what was lost of it, as far as anybody can know', async () => {
  await agentFollows();
  const generation = generations + 1;
  const line = (number: number) => `generation ${generation} numbered ${number}\n`;
  appendFileSync(followed, `${line(1)}${line(2)}generation ${generation} half`);
  await vi.waitFor(async () => expect((await stored()).get(generation)?.lines).toBe(2), {
    timeout: 60_000,
    interval: 200,
  });
  const killed = kill('agent');
  // Nobody has ever seen these.
  appendFileSync(followed, ` a line\n${line(3)}${line(4)}`);
  unlinkSync(followed);
  writeFileSync(followed, line(5));
  await killed;
  await vi.waitFor(async () => expect((await stored()).get(generation)?.lines).toBe(3), {
    timeout: 60_000,
    interval: 200,
  });
  // The half line is what had been seen.
  const seen = `generation ${generation} half`.length;
  await vi.waitFor(async () => expect(await reports()).toEqual([{ bytes: seen, unwatched: 'true' }]), {
    timeout: 30_000,
    interval: 200,
  });
}, 180_000);
