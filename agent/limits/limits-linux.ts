import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import type { AppliedLimits, WantedLimits } from './process-limits.ts';

/** Behind everything that has not asked to wait; threads begun later inherit it. */
const niceness = 10;
const periodUs = 100_000;
const groupName = 'sextant-agent-limits';

/**
 * Niceness, and a cgroup of our own where we were given the one that we are in.
 *
 * Given means: cgroup v2, writable, not the root, and with no process but ours, as systemd makes it with `Delegate=`.
 * A group that others share is not ours to arrange. `memory.high` slows and reclaims, it never kills.
 */
export function applyLinuxLimits(
  wanted: WantedLimits,
  places: { self: string; root: string; pid: number } = {
    self: '/proc/self/cgroup',
    root: '/sys/fs/cgroup',
    pid: process.pid,
  },
): AppliedLimits {
  const applied: AppliedLimits = { holds: [], missing: [] };
  try {
    setPriority(places.pid, niceness);
    applied.holds.push(`niceness ${niceness}`);
  } catch (error) {
    applied.missing.push(`niceness: ${(error as Error).message}`);
  }
  try {
    applied.holds.push(...enterOwnGroup(wanted, places));
  } catch (error) {
    applied.missing.push(`cgroup: ${(error as Error).message}`);
  }
  return applied;
}

function enterOwnGroup(
  wanted: WantedLimits,
  { self, root, pid }: { self: string; root: string; pid: number },
): string[] {
  const path = /^0::(\/.*)$/m.exec(readFileSync(self, 'utf8'))?.[1];
  if (path === undefined) throw new Error('there is no cgroup v2 here');
  if (path === '/') throw new Error('this process is in the root group');
  const parent = join(root, path);
  const others = readFileSync(join(parent, 'cgroup.procs'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && Number(line) !== pid);
  if (others.length > 0) throw new Error(`${path} is shared with other processes`);
  const group = join(parent, groupName);
  try {
    mkdirSync(group, { recursive: true });
  } catch (cause) {
    const held = heldByManager(parent);
    if (held.length === 0) throw new Error(`${path} is not ours to arrange, and sets no limits`, { cause });
    return held;
  }
  // A group that gives controllers on may hold no process itself: first we move, then it gives.
  writeFileSync(join(group, 'cgroup.procs'), String(pid));
  try {
    writeFileSync(join(parent, 'cgroup.subtree_control'), '+cpu +memory');
    writeFileSync(join(group, 'cpu.max'), `${Math.round((periodUs * wanted.cpuPercent) / 100)} ${periodUs}`);
    writeFileSync(join(group, 'memory.high'), String(wanted.memoryBytes));
  } catch (error) {
    writeFileSync(join(parent, 'cgroup.procs'), String(pid));
    rmdirSync(group);
    throw error;
  }
  const holds = [`cgroup cpu.max ${wanted.cpuPercent} %`, `cgroup memory.high ${wanted.memoryBytes} bytes`];
  try {
    writeFileSync(join(parent, 'cgroup.subtree_control'), '+io');
    writeFileSync(join(group, 'io.weight'), '10');
    holds.push('cgroup io.weight 10');
  } catch {
    // Not every kernel and not every disk has it.
  }
  return holds;
}

/** What the service manager has set on a group that is not ours to arrange, as the unit of our packages has it. */
function heldByManager(group: string): string[] {
  const read = (name: string): string => {
    try {
      return readFileSync(join(group, name), 'utf8').trim();
    } catch {
      return 'max';
    }
  };
  const [quotaUs, ofUs] = read('cpu.max').split(' ').map(Number);
  const percent = quotaUs && ofUs ? [`cgroup cpu.max ${Math.round((quotaUs / ofUs) * 100)} % (of its service)`] : [];
  const memory = ['memory.high', 'memory.max'].flatMap((name) => {
    const bytes = read(name);
    return bytes === 'max' ? [] : [`cgroup ${name} ${bytes} bytes (of its service)`];
  });
  return [...percent, ...memory];
}
