import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openCase } from '../../collector/case/case-folder.ts';
import { makeEvidence } from '../e2e/evidence-bundle.ts';
import { long } from '../long.ts';
import { fillDisk, smallDisk } from './small-disk.ts';

const program = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
const canMount = process.platform === 'linux' && process.getuid?.() === 0;
if (!canMount) process.stderr.write('SKIPPED: a case on a disk that fills needs root, to mount a small tmpfs\n');

const MiB = 2 ** 20;
const everyMs = long ? 15 : 90;
const records = (15 * 60_000) / everyMs;

interface Ended {
  ended: number | NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** `sextant bundle import` as a process of its own. */
function startImport(bundle: string, to: string): Promise<Ended> {
  const child = spawn(process.execPath, [program, 'bundle', 'import', bundle, '--to', to, '--json']);
  onTestFinished(() => void child.kill('SIGKILL'));
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
    });
  }
  const { promise: ended, resolve } = Promise.withResolvers<Ended>();
  child.once('close', (code, signal) => resolve({ ended: code ?? signal, ...said }));
  return ended;
}

// When it still ran the engine's exit handlers, one of six ended by SIGSEGV after it had said what to do, or hung in them.
test.skipIf(!canMount || !long)(
  'an import whose disk fills ends with what to do, and goes on when there is space again',
  async () => {
    const home = mkdtempSync(join(tmpdir(), 'sextant-full-case-'));
    onTestFinished(() => rmSync(home, { recursive: true, force: true }));
    const bundle = await makeEvidence(home, { id: 'aaaaaaaaaaaa', fromMs: Date.UTC(2026, 10, 20, 9, 45), everyMs });
    const disk = smallDisk(200 * MiB);
    const folder = join(disk, 'case');

    const first = startImport(bundle, folder);
    await vi.waitFor(() => expect(readdirSync(join(folder, 'collector', 'journal')).join()).toContain('.journal'), {
      timeout: 90_000,
      interval: 2,
    });
    const giveBack = fillDisk(disk);
    // Before it the engine may have said a word of its own.
    const full = expect.stringMatching(
      new RegExp(
        `(^|\\n)SX_DISK_FULL: the disk of the case is full: .* are free in ${folder}\\n  → free space there, then give the same command again: [^\\n]*\\n$`,
      ),
    );
    expect(await first).toEqual({ ended: 1, stdout: '', stderr: full });
    if (long) expect(await startImport(bundle, folder)).toEqual({ ended: 1, stdout: '', stderr: full });

    giveBack();
    const again = await startImport(bundle, folder);
    expect(again).toMatchObject({ ended: 0, stderr: '' });
    expect(JSON.parse(again.stdout).bundles).toMatchObject([{ fresh: true, complete: true, records, unread: 0 }]);
    const opened = await openCase(folder, pino({ level: 'silent' }));
    const { rows } = await opened.store.query(
      "SELECT toUInt32(count()) AS stored, toUInt32(uniqExact(Timestamp)) AS different FROM otel_logs WHERE Node = 'node-1'",
    );
    await opened.close();
    process.chdir(tmpdir());
    expect(rows).toEqual([{ stored: records, different: records }]);
  },
  long ? 900_000 : 180_000,
);
