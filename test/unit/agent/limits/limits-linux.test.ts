import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { getPriority, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { applyLinuxLimits } from '../../../../agent/limits/limits-linux.ts';

let folder: string;
let child: ReturnType<typeof spawn>;
const wanted = { memoryBytes: 268_435_456, cpuPercent: 50 };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sextant-limits-'));
  child = spawn('sleep', ['60'], { stdio: 'ignore' });
});
afterEach(() => {
  child.kill();
  rmSync(folder, { recursive: true, force: true });
});

/** A folder that looks like cgroup v2, with this process in `group`. */
function groups(group: string, procs: (number | undefined)[]) {
  const self = join(folder, 'self');
  writeFileSync(self, `1:name=systemd:/x\n0::${group}\n`);
  mkdirSync(join(folder, group), { recursive: true });
  writeFileSync(join(folder, group, 'cgroup.procs'), `${procs.join('\n')}\n`);
  return { self, root: folder, pid: child.pid ?? 0 };
}

test('takes a group of its own where the one that it is in was given to it, and a lower priority', () => {
  const applied = applyLinuxLimits(wanted, groups('/system.slice/agent.service', [child.pid]));
  expect(applied.missing).toEqual([]);
  expect(applied.holds).toContain('cgroup cpu.max 50 %');
  const own = join(folder, 'system.slice/agent.service/sextant-agent-limits');
  expect(readFileSync(join(own, 'cpu.max'), 'utf8')).toBe('50000 100000');
  expect(readFileSync(join(own, 'memory.high'), 'utf8')).toBe('268435456');
  expect(readFileSync(join(own, 'cgroup.procs'), 'utf8')).toBe(String(child.pid));
  expect(getPriority(child.pid)).toBe(10);
});

test.each([
  ['that others share', '/user.slice', [1, 2], '/user.slice is shared with other processes'],
  ['that is the root', '/', [], 'this process is in the root group'],
])('leaves a group alone %s, and says so', (_what, group, procs, why) => {
  const applied = applyLinuxLimits(wanted, groups(group, procs));
  expect(applied.missing).toEqual([`cgroup: ${why}`]);
  expect(existsSync(join(folder, group, 'sextant-agent-limits'))).toBe(false);
});

test('tells the limits of its service where it may make no group', () => {
  const places = groups('/system.slice/agent.service', [child.pid]);
  const group = join(folder, 'system.slice/agent.service');
  writeFileSync(join(group, 'cpu.max'), '100000 100000\n');
  writeFileSync(join(group, 'memory.high'), '268435456\n');
  writeFileSync(join(group, 'memory.max'), 'max\n');
  // Where a folder should be made stands something else, which fails for root too, as a read-only cgroup does.
  writeFileSync(join(group, 'sextant-agent-limits'), '');
  const applied = applyLinuxLimits(wanted, places);
  expect(applied.missing).toEqual([]);
  expect(applied.holds.slice(1)).toEqual([
    'cgroup cpu.max 100 % (of its service)',
    'cgroup memory.high 268435456 bytes (of its service)',
  ]);
});

test('says so where it may make no group and its service has no limits', () => {
  const places = groups('/system.slice/agent.service', [child.pid]);
  writeFileSync(join(folder, 'system.slice/agent.service/sextant-agent-limits'), '');
  const { missing } = applyLinuxLimits(wanted, places);
  expect(missing).toEqual(['cgroup: /system.slice/agent.service is not ours to arrange, and sets no limits']);
});

test('is no failure where there are no groups', () => {
  const applied = applyLinuxLimits(wanted, { self: join(folder, 'none'), root: folder, pid: child.pid ?? 0 });
  expect(applied.missing[0]).toMatch(/^cgroup: ENOENT/);
  setPriority(child.pid ?? 0, 10);
});

/** Where the kernel shows cgroup v2 and lets us make a group; undefined with the reason told. */
function realGroups(): { root: string; group: string } | undefined {
  const root = /^\S+ (\S+) cgroup2 /m.exec(readFileSync('/proc/mounts', 'utf8'))?.[1];
  try {
    if (root === undefined) throw new Error('no cgroup v2 is mounted');
    const group = mkdtempSync(join(root, 'sextant-test-'));
    return { root, group };
  } catch (error) {
    process.stderr.write(`\n!!! a real cgroup: NOT TESTED. ${(error as Error).message}\n\n`);
    return undefined;
  }
}

test('in a real cgroup the kernel holds what was set, or all is as before', async ({ skip, annotate }) => {
  const real = realGroups();
  if (!real) return skip('no cgroup of our own can be made here');
  const { root, group } = real;
  const pid = child.pid ?? 0;
  const own = join(group, 'sextant-agent-limits');
  const self = `/proc/${pid}/cgroup`;
  const groupOf = () => /^0::(.*)$/m.exec(readFileSync(self, 'utf8'))?.[1];
  try {
    for (const enabled of ['+cpu', '+memory', '+io']) {
      try {
        writeFileSync(join(root, 'cgroup.subtree_control'), enabled);
      } catch {
        // Cgroup v1 has this controller here.
      }
    }
    writeFileSync(join(group, 'cgroup.procs'), String(pid));
    const applied = applyLinuxLimits(wanted, { self, root, pid });
    const controllers = readFileSync(join(group, 'cgroup.controllers'), 'utf8').trim().split(' ');
    if (controllers.includes('cpu') && controllers.includes('memory')) {
      expect(applied.missing).toEqual([]);
      expect(groupOf()).toBe(own.slice(root.length));
      expect(readFileSync(join(own, 'cpu.max'), 'utf8').trim()).toBe('50000 100000');
      expect(readFileSync(join(own, 'memory.high'), 'utf8').trim()).toBe('268435456');
    } else {
      await annotate('this kernel gives cgroup v2 no processor and memory: only the way back was tested');
      process.stderr.write('\n!!! limits of a real cgroup: NOT TESTED, cgroup v2 has no cpu and memory here.\n\n');
      expect(applied.missing).toEqual([expect.stringMatching(/^cgroup: /)]);
      expect(groupOf()).toBe(group.slice(root.length));
      expect(existsSync(own)).toBe(false);
    }
  } finally {
    child.kill();
    await once(child, 'exit');
    if (existsSync(own)) rmdirSync(own);
    rmdirSync(group);
  }
});
