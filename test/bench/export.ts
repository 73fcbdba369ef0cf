import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { linuxDrives } from '../../media/drives/system-linux.ts';
import { exportBundle } from '../../media/export/export-bundle.ts';
import { makeRandomBundle } from '../faults/media/random-bundle.ts';

// An export with its verification against `cp` and `sha512sum -c` of the same files on the same disk, three rounds in
// turn. Two peers: one that leaves the copy in memory and hashes it there, which proves nothing of the medium, and one
// that makes the export's promise: synced, dropped from the page cache, then hashed. Dropping is posix_fadvise by dd.

const megabytes = Number(process.argv[2] ?? 600);
const folder = mkdtempSync(join(tmpdir(), 'sextant-bench-export-'));
const seconds = async (work: () => unknown): Promise<number> => {
  const startedMs = performance.now();
  await work();
  return (performance.now() - startedMs) / 1000;
};
const middle = (values: number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const round = (value: number): number => Math.round(value * 100) / 100;

try {
  const bundlePath = await makeRandomBundle(folder, 6, Math.round((megabytes / 6) * 1e6));
  const target = join(folder, 'medium');
  const copy = join(target, basename(bundlePath));
  const empty = (): void => {
    rmSync(target, { recursive: true, force: true });
    mkdirSync(target);
    execFileSync('sync', ['-f', folder]);
  };
  const check = (): void => {
    execFileSync('sha512sum', ['-c', '--quiet', 'manifest-sha512.txt', 'tagmanifest-sha512.txt'], { cwd: copy });
  };
  const cached = (): void => {
    execFileSync('cp', ['-r', bundlePath, target]);
    check();
  };
  const proven = (): void => {
    execFileSync('cp', ['-r', bundlePath, target]);
    execFileSync('sync', ['-f', copy]);
    execFileSync('sh', ['-c', 'for file in data/*; do dd if="$file" iflag=nocache count=0 status=none; done'], {
      cwd: copy,
    });
    check();
  };
  const ours = (): Promise<unknown> =>
    exportBundle(
      {
        bundlePath,
        targets: [target],
        resume: false,
        split: false,
        eject: 'never',
        who: 'bench',
        approve: () => [],
        policy: { allowedDevices: [] },
        waitMs: 0,
        signal: new AbortController().signal,
      },
      {
        drives: linuxDrives(),
        progress: { part: () => {}, bytes: () => {}, waiting: () => {}, back: () => {} },
        nowMs: Date.now,
      },
    );
  // The source is in memory for all of them from the first round on.
  execFileSync('sh', ['-c', 'cat "$0"/data/* > /dev/null', bundlePath]);
  const times: Record<'ours' | 'proven' | 'cached', number[]> = { ours: [], proven: [], cached: [] };
  for (let n = 0; n < 3; n++) {
    for (const [name, work] of Object.entries({ ours, proven, cached })) {
      empty();
      times[name as keyof typeof times].push(await seconds(work));
    }
  }
  const result = {
    megabytes,
    cores: availableParallelism(),
    exportSeconds: round(middle(times.ours)),
    cpSyncSha512sumSeconds: round(middle(times.proven)),
    cpSha512sumInMemorySeconds: round(middle(times.cached)),
    ratio: round(middle(times.proven) / middle(times.ours)),
    ratioInMemory: round(middle(times.cached) / middle(times.ours)),
    residentMiB: Math.round(process.memoryUsage().rss / 2 ** 20),
  };
  console.log(
    `export ${result.exportSeconds} s; cp + sync + sha512sum ${result.cpSyncSha512sumSeconds} s (ratio ${result.ratio}, goal 0.8); cp + sha512sum in memory ${result.cpSha512sumInMemorySeconds} s (ratio ${result.ratioInMemory})`,
  );
  console.log(JSON.stringify(result));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
