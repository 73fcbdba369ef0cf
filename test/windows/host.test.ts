import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AppliedLimits } from '../../agent/limits/process-limits.ts';
import { hostMetrics } from '../../agent/sources/host/instruments.ts';
import { processMetrics } from '../../agent/sources/host/top-processes.ts';
import { SourceHealth } from '../../protocol/control.ts';
import type { Sample } from '../unit/agent/sources/source-context.ts';
import { buildForWine } from './windows-program.ts';
import { createWine, describeUnderWine, type Wine } from './wine.ts';
import { windowsCompiler } from './wine-programs.ts';

describeUnderWine('a Windows host', () => {
  let wine: Wine;
  let folder: string;
  let told: Map<string, { health: SourceHealth[]; samples: Sample[] }>;
  let limited: {
    before: boolean;
    after: boolean;
    applied: AppliedLimits;
    priority: number;
    layout: Record<'bytes' | 'flagsAt' | 'processMemoryAt', number>;
    kept: { bytes: number[] } | { error: number };
    machineGuid: string;
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sextant-host-'));
    wine = await createWine();
    const programs = { host: 'test/windows/host-windows.ts', limits: 'test/windows/limits-windows.ts' };
    const { host, limits } = await buildForWine(programs, folder);
    const [{ stdout, stderr }, ofLimits] = await Promise.all([
      wine.runNode([host], { timeoutMs: 180_000 }),
      wine.runNode([limits], { timeoutMs: 180_000 }),
    ]);
    expect(ofLimits.code, ofLimits.stderr).toBe(0);
    limited = JSON.parse(ofLimits.stdout);
    const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
    expect(lines, stderr).toHaveLength(2);
    told = new Map(lines.map((line) => JSON.parse(line)).map((each) => [each.name, each]));
  }, 300_000);
  afterAll(async () => {
    await wine?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each(['host', 'counters'])('%s keeps what every source promises of its life', (name) => {
    const health = told.get(name)?.health ?? [];
    expect(health.map(({ state }) => state)).toEqual(['starting', 'running', 'running', 'running']);
    for (const each of health) expect([...Value.Errors(SourceHealth, each)]).toEqual([]);
  });

  test('host tells all that kernel32, iphlpapi and ntdll know, under the names of Linux', () => {
    const samples = told.get('host')?.samples ?? [];
    const names = new Set(samples.map(({ name }) => name));
    const expected = Object.keys({ ...hostMetrics, ...processMetrics }).filter(
      (name) =>
        // Linux's own; what Wine has no performance counters for; what only Linux counts for a process.
        !name.startsWith('system.memory.linux') &&
        !['system.disk', 'system.paging', 'system.cpu.frequency'].some((prefix) => name.startsWith(prefix)) &&
        !['system.process.created', 'process.unix.file_descriptor.count'].includes(name),
    );
    expect([...names].sort()).toEqual(expected.sort());
    const units = { ...hostMetrics, ...processMetrics };
    for (const { name, unit } of samples) expect(unit).toBe(units[name as keyof typeof units][1]);
    const value = (name: string, attributes: Record<string, unknown> = {}) =>
      samples.find(
        (sample) => sample.name === name && Object.entries(attributes).every(([k, v]) => sample.attributes[k] === v),
      )?.value ?? Number.NaN;
    expect(value('system.memory.usage', { 'system.memory.state': 'used' })).toBeGreaterThan(0);
    expect(
      value('system.memory.utilization', { 'system.memory.state': 'used' }) +
        value('system.memory.utilization', { 'system.memory.state': 'free' }),
    ).toBeCloseTo(1, 6);
    expect(value('system.filesystem.limit', { 'system.filesystem.mountpoint': 'C:' })).toBeGreaterThan(1e9);
    expect(value('process.memory.usage', { 'process.executable.name': 'node.exe' })).toBeGreaterThan(1e7);
    expect(value('system.network.connection.count', { 'network.connection.state': 'listen' })).toBeGreaterThanOrEqual(
      0,
    );
  });

  test('host names what it cannot tell here', () => {
    expect(told.get('host')?.health.at(-1)?.detail).toMatch(/performance counters are not there/);
  });

  test('the agent puts itself into a job of its own and steps back behind others', ({ annotate }) => {
    const belowNormal = 0x4000;
    expect(limited).toMatchObject({ before: false, after: true, priority: belowNormal });
    expect(limited.applied.holds).toEqual(
      expect.arrayContaining(['priority below normal', 'job commit 536870912 bytes', 'job object']),
    );
    const disks = [...limited.applied.holds, ...limited.applied.missing].filter((each) =>
      each.startsWith('I/O priority'),
    );
    expect(disks).toHaveLength(1);
    // Wine refuses the processor's share, which must be told and stop nothing.
    const told = [...limited.applied.holds, ...limited.applied.missing].filter((each) =>
      each.includes('processor time'),
    );
    expect(told).toEqual([expect.stringMatching(/^job processor time 50 %/)]);
    // Wine takes the limits and forgets them: where it gives something back, it is what was asked for.
    const bytes = 'bytes' in limited.kept ? Buffer.from(limited.kept.bytes) : Buffer.alloc(limited.layout.bytes);
    if (bytes.some((byte) => byte !== 0)) {
      expect(bytes.readUInt32LE(limited.layout.flagsAt)).toBe(0x100);
      expect(bytes.readBigUInt64LE(limited.layout.processMemoryAt)).toBe(536_870_912n);
    } else annotate('this Wine keeps no limits of a job: what was set could not be read back');
  });

  test('the limits lie where the headers of Windows have them', () => {
    const { layout } = limited;
    const checks = `#include <windows.h>
      #include <stddef.h>
      _Static_assert(sizeof(JOBOBJECT_EXTENDED_LIMIT_INFORMATION) == ${layout.bytes}, "size");
      _Static_assert(offsetof(JOBOBJECT_EXTENDED_LIMIT_INFORMATION, BasicLimitInformation.LimitFlags) == ${layout.flagsAt}, "flags");
      _Static_assert(offsetof(JOBOBJECT_EXTENDED_LIMIT_INFORMATION, ProcessMemoryLimit) == ${layout.processMemoryAt}, "memory");
      _Static_assert(JobObjectExtendedLimitInformation == 9 && JobObjectCpuRateControlInformation == 15, "kinds");
      _Static_assert(JOB_OBJECT_LIMIT_PROCESS_MEMORY == 0x100 && BELOW_NORMAL_PRIORITY_CLASS == 0x4000, "flags");
      _Static_assert(sizeof(JOBOBJECT_CPU_RATE_CONTROL_INFORMATION) == 8 && JOB_OBJECT_CPU_RATE_CONTROL_ENABLE == 1 && JOB_OBJECT_CPU_RATE_CONTROL_HARD_CAP == 4, "cpu");`;
    const compiled = spawnSync(windowsCompiler, ['-D_WIN32_WINNT=0x0A00', '-fsyntax-only', '-xc', '-'], {
      input: checks,
      encoding: 'utf8',
    });
    expect(compiled.stderr).toBe('');
    expect(compiled.status).toBe(0);
  });

  test('has an id that outlives its name', async () => {
    const key = 'HKLM\\SOFTWARE\\Microsoft\\Cryptography';
    const { stdout } = await wine.run('reg', ['query', key, '/v', 'MachineGuid']);
    expect(limited.machineGuid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(stdout).toContain(limited.machineGuid);
  });

  test('counters become the metrics that the profile says; one that does not exist is left out', () => {
    const { samples = [], health = [] } = told.get('counters') ?? {};
    expect(new Set(samples.map(({ name }) => name))).toEqual(new Set(['test.shown', 'test.total']));
    expect(health.at(-1)?.detail).toBe('1 of 3 performance counters are not there');
  });
});
