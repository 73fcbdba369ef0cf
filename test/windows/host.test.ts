import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hostMetrics } from '../../agent/sources/host/instruments.ts';
import { processMetrics } from '../../agent/sources/host/top-processes.ts';
import { SourceHealth } from '../../protocol/control.ts';
import type { Sample } from '../unit/agent/sources/source-context.ts';
import { buildForWine } from './windows-program.ts';
import { createWine, describeUnderWine, type Wine } from './wine.ts';

describeUnderWine('metrics of a Windows host', () => {
  let wine: Wine;
  let folder: string;
  let told: Map<string, { health: SourceHealth[]; samples: Sample[] }>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sextant-host-'));
    wine = await createWine();
    const { host } = await buildForWine({ host: 'test/windows/host-windows.ts' }, folder);
    const { stdout, stderr } = await wine.runNode([host], { timeoutMs: 180_000 });
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

  test('counters become the metrics that the profile says; one that does not exist is left out', () => {
    const { samples = [], health = [] } = told.get('counters') ?? {};
    expect(new Set(samples.map(({ name }) => name))).toEqual(new Set(['test.shown', 'test.total']));
    expect(health.at(-1)?.detail).toBe('1 of 3 performance counters are not there');
  });
});
